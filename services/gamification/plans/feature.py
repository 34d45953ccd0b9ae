"""Check-in plans, who takes part in them, and what they hand in."""

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from services.gamification.base import texts
from services.gamification.permissions import CHECKIN_PLANS_READ, CHECKIN_PLANS_REVIEW
from services.gamification.plans import entry_routes, leaving, moderating, reminding, routes, today, workbook_routes
from services.gamification.plans.counting import ENTRY
from services.gamification.plans.deeds import plan_deeds
from services.gamification.plans.erasing import erase
from services.gamification.plans.schemas import HomePlan

for kind in (ENTRY, "checkin"):
    texts.follows(kind, lock=moderating.lock)(moderating.take_verdict)

feature = Feature(
    "plans",
    # Days first: the path of one plan would take theirs.
    routers=[entry_routes.router, routes.router, workbook_routes.router],
    handlers=[leaving.handlers],
    timers=[reminding.timers, leaving.timers],
    deeds=[plan_deeds],
    erasure=erase,
    tasks=[today.own_today, today.own_returned],
    desk=[
        DeskQueue(
            "plan_days_to_review",
            CHECKIN_PLANS_REVIEW,
            today.to_review,
            en="Days of check-in plans to review",
            zh="待点评的打卡",
        )
    ],
    home=[HomePart("plans", CHECKIN_PLANS_READ, list[HomePlan], today.plans_at_home)],
)
