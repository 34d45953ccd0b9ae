"""Roles on the platform as a whole."""

from chassis.feature import Feature
from services.membership.platform_roles import routes

feature = Feature("platform_roles", routers=[routes.router])
