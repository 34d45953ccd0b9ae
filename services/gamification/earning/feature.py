"""What deeds earn, by the rules of the community."""

from chassis.feature import Feature
from services.gamification.earning import handlers, moving, queries, recounting, routes, trial_routes, trying

feature = Feature(
    "earning",
    routers=[routes.router, trial_routes.router],
    handlers=[handlers.handlers],
    timers=[queries.timers],
    jobs=[recounting.jobs, moving.jobs, trying.jobs],
)
