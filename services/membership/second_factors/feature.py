"""What people prove besides their password."""

from chassis.feature import Feature
from services.membership.second_factors import routes, sweeping

feature = Feature(
    "second_factors",
    routers=[routes.router],
    timers=[sweeping.timers],
)
