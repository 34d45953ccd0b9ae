"""Logging in, staying so, and what ends it."""

from chassis.feature import Feature
from services.membership.sessions import routes, sweeping

feature = Feature(
    "sessions",
    routers=[routes.router],
    timers=[sweeping.timers],
)
