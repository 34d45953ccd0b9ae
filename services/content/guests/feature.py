"""Who is a guest."""

from chassis.feature import Feature
from services.content.guests import handlers

feature = Feature("guests", handlers=[handlers.handlers])
