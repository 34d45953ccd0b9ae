"""The ladder, and where on it a member stands."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.gamification.levels import handlers, home, putting, routes, service
from services.gamification.levels.schemas import ProgressPublic
from services.gamification.permissions import STANDING_READ

feature = Feature(
    "levels",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
    jobs=[putting.jobs],
    home=[HomePart("progress", STANDING_READ, ProgressPublic, home.way_on)],
)
