"""Who gained most xp, by window of time."""

from chassis.feature import Feature
from services.gamification.leaderboards import handlers, routes, service

feature = Feature(
    "leaderboards",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
)
