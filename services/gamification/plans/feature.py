"""Check-in plans, who takes part in them, and what they hand in."""

from chassis.feature import Feature
from services.gamification.base import texts
from services.gamification.plans import entry_routes, moderating, routes
from services.gamification.plans.counting import ENTRY
from services.gamification.plans.deeds import plan_deeds

for kind in (ENTRY, "checkin"):
    texts.follows(kind, lock=moderating.lock)(moderating.take_verdict)

feature = Feature("plans", routers=[routes.router, entry_routes.router], deeds=[plan_deeds])
