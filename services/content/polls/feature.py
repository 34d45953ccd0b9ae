"""Polls: votes of members, counted."""

from chassis.feature import Feature
from services.content.polls import routes

feature = Feature("polls", routers=[routes.router])
