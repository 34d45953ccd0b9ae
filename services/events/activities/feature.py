"""Activities: prepared, announced, moved, cancelled."""

from chassis.feature import Feature
from services.events.activities import form_routes, routes

feature = Feature("activities", routers=[routes.router, form_routes.router])
