"""Check-in plans, and who takes part in them."""

from chassis.feature import Feature
from services.gamification.plans import routes

feature = Feature("plans", routers=[routes.router])
