"""A plan, what the caller is to it, and what they may do with it now."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, ProblemType
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.gamification.permissions import CHECKIN_PLANS_JOIN, CHECKIN_PLANS_READ, CHECKIN_PLANS_WRITE
from services.gamification.plans import problems
from services.gamification.plans.models import CheckinPlan
from services.gamification.plans.rules import MOST_PARTICIPANTS, Status, status_on


@dataclass(frozen=True, slots=True)
class SeenPlan:
    """A plan that the caller reads."""

    plan: CheckinPlan
    standing: Standing
    today: date
    """In the community."""

    @property
    def status(self) -> Status:
        """What it is today."""
        return status_of(self.plan, self.today)


def status_of(plan: CheckinPlan, today: date) -> Status:
    """What a plan is on a day of its community."""
    return status_on(today, starts_on=plan.starts_on, ends_on=plan.ends_on, cancelled=plan.cancelled_at is not None)


async def seen_plan(work: Work, key: UUID, *, of: Permission = CHECKIN_PLANS_READ, lock: bool = False) -> SeenPlan:
    """The plan, if the caller may do this with it. Raises `NOT_FOUND`, and what `authorize` raises."""
    plan = await existing(work.session, CheckinPlan, key, lock=lock)
    standing = await authorize(
        work.session, work.caller, of, plan.community_id, own=True, seen_by=CHECKIN_PLANS_READ, now=work.now
    )
    return SeenPlan(plan, standing, standing.community.day_of(work.now))


def reaches(wanted: Permission, standing: Standing) -> bool:
    """Whether somebody has a permission for what is everybody's or their own."""
    return bool(wanted.reach(standing.columns) & {Reach.ALL, Reach.OWN})


def refusal(action: str, seen: SeenPlan, cohort_id: UUID | None, *, joined: bool) -> ProblemType | None:
    """Why the caller cannot do this with a plan now; None where they can, or its community is archived. `cohort_id` is their own."""
    needed = CHECKIN_PLANS_JOIN if action in {"join", "leave"} else CHECKIN_PLANS_WRITE
    if not reaches(needed, seen.standing):
        return FORBIDDEN
    if action == "leave":
        return None
    if seen.status in {"ended", "cancelled"}:
        return problems.PLAN_OVER
    if action == "join" and not joined:
        if seen.plan.cohort_id not in (None, cohort_id):
            return problems.NOT_OF_COHORT
        if seen.plan.participants >= MOST_PARTICIPANTS:
            return problems.PLAN_FULL
    return None
