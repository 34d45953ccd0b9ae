"""Appeals, and how far the services are with what was decided."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.appeals import handlers, pausing, queries, routes, waiting
from services.membership.permissions import APPEALS_DECIDE

feature = Feature(
    "appeals",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[pausing.timers],
    tasks=[waiting.own_turn],
    desk=[
        DeskQueue("appeals_undecided", APPEALS_DECIDE, queries.undecided, en="Appeals to decide", zh="待裁决的申诉"),
    ],
)
