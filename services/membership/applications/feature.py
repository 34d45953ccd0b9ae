"""A person's way through a campaign."""

from chassis.feature import Feature
from services.membership.applications import releasing, routes, waiting

feature = Feature(
    "applications",
    routers=[routes.router],
    timers=[releasing.timers],
    tasks=[waiting.to_complete],
    desk=[waiting.to_decide],
)
