"""What other systems are told by signed calls."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.permissions import WEBHOOKS_WRITE
from services.membership.webhooks import delivery_routes, handlers, queries, replaying, routes, sending, sweeping

feature = Feature(
    "webhooks",
    routers=[routes.router, delivery_routes.router],
    groups={"webhooks": [handlers.handlers]},
    timers=[sending.timers, sweeping.timers],
    jobs=[sending.jobs, replaying.jobs],
    desk=[
        DeskQueue(
            "webhooks_off",
            WEBHOOKS_WRITE,
            queries.switched_off,
            en="Webhooks that were switched off",
            zh="已停用的 Webhook 端点",
        )
    ],
)
