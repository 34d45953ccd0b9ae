"""The ladder, and where on it a member stands."""

from chassis.feature import Feature
from services.gamification.levels import routes, service

feature = Feature(
    "levels",
    routers=[routes.router],
    timers=[service.timers],
)
