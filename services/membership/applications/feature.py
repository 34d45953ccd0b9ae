"""A person's way through a campaign."""

from chassis.feature import Feature
from services.membership.applications import list_routes, releasing, routes, waiting

feature = Feature(
    "applications",
    routers=[routes.router, list_routes.router],
    timers=[releasing.timers],
    tasks=[waiting.to_complete],
    desk=[waiting.to_decide],
)
