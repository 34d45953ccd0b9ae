"""What a community is measured by."""

from chassis.feature import Feature
from services.analytics.metrics import handlers, routes
from services.analytics.metrics.imports import metric_import

feature = Feature("metrics", routers=[routes.router], handlers=[handlers.handlers], imports=[metric_import])
