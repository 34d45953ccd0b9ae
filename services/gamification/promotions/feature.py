"""Promotions by a committee."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.gamification.permissions import PROMOTIONS_DECIDE
from services.gamification.promotions import queries, routes
from services.gamification.promotions.erasing import erase

feature = Feature(
    "promotions",
    routers=[routes.router],
    tasks=[queries.to_vote_on],
    erasure=erase,
    desk=[
        DeskQueue(
            "promotions_to_decide", PROMOTIONS_DECIDE, queries.to_decide, en="Promotions to decide", zh="待决定的晋升"
        )
    ],
)
