"""A person's way through a campaign."""

from chassis.feature import Feature
from services.membership.applications import releasing, routes

feature = Feature(
    "applications",
    routers=[routes.router],
    timers=[releasing.timers],
)
