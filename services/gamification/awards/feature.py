"""Awards by hand."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.gamification.awards import queries, routes, sheet_routes
from services.gamification.awards.erasing import erase
from services.gamification.permissions import AWARDS_APPROVE

feature = Feature(
    "awards",
    routers=[sheet_routes.router, routes.router],
    erasure=erase,
    tasks=[queries.own_to_approve, queries.to_answer],
    desk=[
        DeskQueue("awards_to_approve", AWARDS_APPROVE, queries.to_approve, en="Awards to approve", zh="待审批的奖励")
    ],
)
