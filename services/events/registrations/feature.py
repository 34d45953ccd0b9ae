"""Registrations: seats, the line, and what becomes of both."""

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from services.events.permissions import ACTIVITIES_READ, REGISTRATIONS_EXCUSE
from services.events.registrations import leaving, offering, routes, waiting
from services.events.registrations.schemas import ActivitiesHome

feature = Feature(
    "registrations",
    routers=[routes.router],
    handlers=[leaving.handlers],
    timers=[offering.timers, leaving.timers],
    tasks=[waiting.to_answer],
    desk=[
        DeskQueue(
            "leave_to_decide", REGISTRATIONS_EXCUSE, waiting.leave_to_decide, en="Requests for leave", zh="待审批的请假"
        )
    ],
    home=[HomePart("activities", ACTIVITIES_READ, ActivitiesHome, waiting.home)],
)
