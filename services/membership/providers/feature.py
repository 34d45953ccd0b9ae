"""Logging in by company account."""

from chassis.feature import Feature
from services.membership.providers import routes

feature = Feature("providers", routers=[routes.router])
