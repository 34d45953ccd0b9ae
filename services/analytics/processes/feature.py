"""What takes its course over days: one row each, from which response times and funnels are read."""

from chassis.feature import Feature
from services.analytics.processes import handlers

feature = Feature("processes", handlers=[handlers.handlers])
