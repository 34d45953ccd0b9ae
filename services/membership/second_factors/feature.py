"""What people prove besides their password."""

from chassis.feature import Feature
from services.membership.second_factors import routes, sweeping, waiting

feature = Feature(
    "second_factors",
    routers=[routes.router],
    timers=[sweeping.timers],
    tasks=[waiting.factor_to_enrol],
)
