"""Daily check-ins, streaks and make-ups."""

from chassis.feature import Feature
from services.gamification.checkins import imports, routes

feature = Feature(
    "checkins",
    routers=[routes.router],
    jobs=[imports.jobs],
)
