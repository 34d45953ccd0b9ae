"""What members can have for points, and what becomes of what they ask for."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.gamification.base import links
from services.gamification.permissions import REDEMPTIONS_DECIDE
from services.gamification.rewards import (
    clock,
    forgetting,
    hook_routes,
    hooks,
    leaving,
    month_routes,
    redemption_queries,
    redemption_routes,
    routes,
    waiting,
)
from services.gamification.rewards.erasing import erase

feature = Feature(
    "rewards",
    routers=[routes.router, redemption_routes.router, month_routes.router, hook_routes.router],
    handlers=[leaving.handlers],
    timers=[clock.timers, hooks.timers, leaving.timers, forgetting.timers],
    jobs=[hooks.jobs],
    erasure=erase,
    snapshots={"attachment": links.snapshots},
    tasks=[waiting.to_collect, waiting.own_to_decide],
    desk=[
        DeskQueue(
            "redemptions_to_decide",
            REDEMPTIONS_DECIDE,
            redemption_queries.to_decide,
            en="Redemptions to approve",
            zh="待审批的兑换",
        ),
        DeskQueue(
            "redemptions_to_fulfil",
            REDEMPTIONS_DECIDE,
            redemption_queries.to_fulfil,
            en="Approved redemptions to hand over",
            zh="待发放的兑换",
        ),
    ],
)
