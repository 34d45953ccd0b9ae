"""Retrospectives of activities and of months."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.events.permissions import RETROSPECTIVES_WRITE
from services.events.retrospectives import queries, routes

feature = Feature(
    "retrospectives",
    routers=[routes.router],
    tasks=[queries.own_to_write],
    desk=[
        DeskQueue(
            "retrospectives_to_write",
            RETROSPECTIVES_WRITE,
            queries.to_write,
            en="Activities without a retrospective",
            zh="待复盘的活动",
        )
    ],
)
