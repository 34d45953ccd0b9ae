"""Daily check-ins, streaks and make-ups."""

from chassis.feature import Feature
from services.gamification.checkins import routes
from services.gamification.checkins.imports import checkin_import

feature = Feature(
    "checkins",
    routers=[routes.router],
    imports=[checkin_import],
)
