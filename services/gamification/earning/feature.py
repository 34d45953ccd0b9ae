"""What deeds earn, by the rules of the community."""

from chassis.feature import Feature
from services.gamification.earning import queries, routes

feature = Feature(
    "earning",
    routers=[routes.router],
    timers=[queries.timers],
)
