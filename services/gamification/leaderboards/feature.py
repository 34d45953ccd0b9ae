"""Who gained most xp, by window of time."""

from chassis.feature import Feature
from services.gamification.leaderboards import routes, service

feature = Feature(
    "leaderboards",
    routers=[routes.router],
    timers=[service.timers],
)
