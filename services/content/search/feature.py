"""Search, its index, and the words that mean the same."""

from chassis.feature import Feature
from services.content.search import generations, routes

feature = Feature("search", routers=[routes.router], jobs=[generations.jobs], timers=[generations.timers])
