"""What takes its course over days: one row each, from which response times and funnels are read."""

from chassis.feature import Feature
from services.analytics.processes import handlers
from services.analytics.processes.erasing import erase

feature = Feature("processes", handlers=[handlers.handlers], erasure=erase)
