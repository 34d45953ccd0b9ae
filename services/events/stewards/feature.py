"""Stewards, and the passes that they scan."""

from chassis.feature import Feature
from services.events.stewards import routes

feature = Feature("stewards", routers=[routes.router])
