"""Logging in by company account."""

from chassis.feature import Feature
from services.membership.providers import routes, sweeping

feature = Feature("providers", routers=[routes.router], timers=[sweeping.timers])
