"""Mail about what was not read."""

from chassis.feature import Feature
from services.membership.mailings import routes

feature = Feature("mailings", routers=[routes.router])
