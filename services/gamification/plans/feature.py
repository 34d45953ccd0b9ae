"""Check-in plans, and who takes part in them."""

from chassis.feature import Feature
from services.gamification.plans import routes
from services.gamification.plans.deeds import plan_deeds

feature = Feature("plans", routers=[routes.router], deeds=[plan_deeds])
