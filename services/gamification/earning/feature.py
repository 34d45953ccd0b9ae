"""What deeds earn, by the rules of the community."""

from chassis.feature import Feature
from services.gamification.earning import handlers, moving, queries, recounting, routes

feature = Feature(
    "earning",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[queries.timers],
    jobs=[recounting.jobs, moving.jobs],
)
