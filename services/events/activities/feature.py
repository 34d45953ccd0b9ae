"""Activities: prepared, announced, moved, cancelled."""

from chassis.feature import Feature
from services.events.activities import routes

feature = Feature("activities", routers=[routes.router])
