"""Mail about what was not read."""

from chassis.feature import Feature
from services.membership.mailings import bounce_routes, routes

feature = Feature("mailings", routers=[routes.router, bounce_routes.router])
