"""Activities: prepared, announced, moved, cancelled."""

from chassis.feature import Feature
from services.events.activities import form_routes, routes
from services.events.base import links

feature = Feature("activities", routers=[routes.router, form_routes.router], snapshots={"attachment": links.snapshots})
