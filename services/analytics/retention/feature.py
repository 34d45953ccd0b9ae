"""How many of those who joined together are still active later on."""

from chassis.feature import Feature
from services.analytics.retention import routes

feature = Feature("retention", routers=[routes.router])
