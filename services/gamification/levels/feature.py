"""The ladder, and where on it a member stands."""

from chassis.feature import Feature
from services.gamification.levels import handlers, putting, routes, service

feature = Feature(
    "levels",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
    jobs=[putting.jobs],
)
