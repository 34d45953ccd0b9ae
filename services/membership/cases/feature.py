"""What members are said to have done, and who decides about it."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.cases import handlers, queries, routes, service
from services.membership.permissions import CASES_READ

feature = Feature(
    "cases",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
    desk=[
        DeskQueue(
            "cases_open",
            CASES_READ,
            queries.open_cases,
            en="Cases that nobody works on",
            zh="待认领的案件",
        )
    ],
)
"""Reports and cases."""
