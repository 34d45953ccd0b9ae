"""Interviews of applicants."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.interviews import naming, naming_routes, queries, routes, telling, waiting
from services.membership.permissions import APPLICATIONS_DECIDE

feature = Feature(
    "interviews",
    routers=[routes.router, naming_routes.router],
    timers=[telling.timers],
    tasks=[waiting.own_interviews],
    desk=[
        DeskQueue(
            "interviews_lacking",
            APPLICATIONS_DECIDE,
            queries.lacking,
            en="Interviews that have lost an interviewer",
            zh="缺少面谈人的面谈",
        )
    ],
    erasure=naming.erase,
)
