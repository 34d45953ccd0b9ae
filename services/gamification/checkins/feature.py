"""Daily check-ins, streaks and make-ups."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.gamification.checkins import home, judging, routes
from services.gamification.checkins.deeds import checkin_deeds
from services.gamification.checkins.erasing import erase
from services.gamification.checkins.imports import checkin_import
from services.gamification.checkins.schemas import HomeCheckin
from services.gamification.permissions import CHECKINS_READ

feature = Feature(
    "checkins",
    routers=[routes.router],
    handlers=[judging.handlers],
    timers=[judging.timers],
    jobs=[judging.jobs],
    imports=[checkin_import],
    deeds=[checkin_deeds],
    home=[HomePart("checkin", CHECKINS_READ, HomeCheckin, home.checkin)],
    erasure=erase,
)
