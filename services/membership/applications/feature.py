"""A person's way through a campaign."""

from chassis.feature import Feature
from services.membership.applications import forgetting, list_routes, releasing, routes, waiting
from services.membership.applications.imports import application_import

feature = Feature(
    "applications",
    routers=[routes.router, list_routes.router],
    timers=[releasing.timers, forgetting.timers],
    imports=[application_import],
    tasks=[waiting.to_complete],
    desk=[waiting.to_decide],
)
