"""How people prove who they are."""

from chassis.feature import Feature
from services.membership.credentials import routes, sweeping, waiting

feature = Feature(
    "credentials",
    routers=[routes.router],
    timers=[sweeping.timers],
    tasks=[waiting.resets_to_give],
)
