"""Proposals of members, and what becomes of them."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.events.permissions import PROPOSALS_DECIDE
from services.events.proposals import queries, routes
from services.events.proposals.erasing import erase

feature = Feature(
    "proposals",
    routers=[routes.router],
    erasure=erase,
    tasks=[queries.to_prepare],
    desk=[
        DeskQueue(
            "proposals_to_decide", PROPOSALS_DECIDE, queries.to_decide, en="Proposed activities", zh="待处理的活动提议"
        )
    ],
)
