"""What a community is measured by."""

from chassis.feature import Feature
from services.analytics.metrics import handlers, routes

feature = Feature("metrics", routers=[routes.router], handlers=[handlers.handlers])
