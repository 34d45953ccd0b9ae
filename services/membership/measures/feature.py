"""What rules want of each member in each window."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.measures import handlers, routes, service, waiting
from services.membership.permissions import RULE_SETS_WRITE

feature = Feature(
    "measures",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
    desk=[
        DeskQueue(
            "members_short_of_measure",
            RULE_SETS_WRITE,
            waiting.short_of_measure,
            en="Members who did less, or more, than a rule wants",
            zh="未达到规则要求的成员",
        )
    ],
)
