"""Articles about activities."""

from chassis.feature import Feature
from services.events.archives import handlers

feature = Feature("archives", handlers=[handlers.handlers])
