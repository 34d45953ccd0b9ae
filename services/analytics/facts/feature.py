"""What happened, kept as facts and counted into rollups."""

from chassis.feature import Feature
from services.analytics.facts import handlers

feature = Feature("facts", handlers=[handlers.handlers])
