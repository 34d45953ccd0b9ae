"""How people prove who they are."""

from chassis.feature import Feature
from services.membership.credentials import routes, sweeping

feature = Feature(
    "credentials",
    routers=[routes.router],
    timers=[sweeping.timers],
)
