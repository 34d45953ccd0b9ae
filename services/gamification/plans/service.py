"""Use cases of check-in plans: made, changed, cancelled, joined and left."""

from typing import Any, Final
from uuid import UUID

from chassis.audit import audit
from chassis.problems import INVALID, NOT_FOUND
from chassis.projections.workdays import work_calendar
from chassis.projections.workplaces import cohorts_in, workplaces
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.patches import whole
from chassis.web.work import Work
from services.gamification.permissions import CHECKIN_PLANS_JOIN, CHECKIN_PLANS_WRITE
from services.gamification.plans import problems
from services.gamification.plans.access import SeenPlan, refusal, seen_plan
from services.gamification.plans.models import CheckinPlan, PlanParticipant
from services.gamification.plans.queries import participant
from services.gamification.plans.reminding import plan_reminder
from services.gamification.plans.rules import days_asked_for
from services.gamification.plans.schemas import PlanCreate, PlanPatch

ALWAYS: Final = frozenset({"title", "prompts", "remind_at"})
"""What may change while a plan runs: the rest is what participants go by."""


async def create(work: Work, body: PlanCreate) -> SeenPlan:
    """Make a plan that begins today or later."""
    standing = await authorize(work.session, work.caller, CHECKIN_PLANS_WRITE, body.community_id, now=work.now)
    today = standing.community.day_of(work.now)
    if body.starts_on < today:
        raise INVALID(errors=[problems.IN_THE_PAST])
    await _check(work, body)
    plan = await work.add(CheckinPlan(**body.model_dump(), created_at=work.now))
    await plan_reminder(work.session, plan, standing.community, work.now)
    return SeenPlan(plan, standing, today)


async def change(work: Work, key: UUID, body: PlanPatch, if_match: int) -> SeenPlan:
    """Change a plan that is not over. Raises `PLAN_STARTED` for what stays as it is once it has begun."""
    seen = await seen_plan(work, key, of=CHECKIN_PLANS_WRITE, lock=True)
    plan = seen.plan
    require_match(plan.version, if_match)
    changes = _values(plan, body)
    _refuse("update", seen)
    if seen.status == "running" and not changes.keys() <= ALWAYS:
        raise problems.PLAN_STARTED(fields=sorted(changes.keys() - ALWAYS))
    if changes.get("starts_on", seen.today) < seen.today:
        raise INVALID(errors=[problems.IN_THE_PAST])
    if not changes.keys() <= ALWAYS:
        await _check(work, whole(PlanCreate, _said(plan) | changes))
    await work.edit(plan, changes)
    await plan_reminder(work.session, plan, seen.standing.community, work.now)
    return seen


async def cancel(work: Work, key: UUID) -> SeenPlan:
    """End a plan before its time: nothing counts for it any more. What was completed stays so."""
    seen = await seen_plan(work, key, of=CHECKIN_PLANS_WRITE, lock=True)
    if seen.plan.cancelled_at is None:
        _refuse("cancel", seen)
        await work.edit(seen.plan, {"cancelled_at": work.now}, action="cancel")
        await plan_reminder(work.session, seen.plan, seen.standing.community, work.now)
    return seen


async def join(work: Work, key: UUID) -> SeenPlan:
    """Take part in a plan, from the caller's present day on. Who takes part already goes on."""
    seen = await seen_plan(work, key, of=CHECKIN_PLANS_JOIN, lock=True)
    member_id = _member(seen)
    row = await participant(work.session, key, member_id)
    if row is not None and row.left_at is None:
        return seen
    places = await workplaces(work.session, [member_id])
    _refuse("join", seen, places[member_id].cohort_id if member_id in places else None)
    if row is None:
        row = PlanParticipant(plan_id=key, member_id=member_id, joined_at=work.now)
        work.session.add(row)
    row.left_at = None
    seen.plan.participants += 1
    await work.session.flush()
    await plan_reminder(work.session, seen.plan, seen.standing.community, work.now)
    await audit(work.session, work.caller, seen.plan, "join", {"member_id": [None, str(member_id)]}, work.now)
    return seen


async def leave(work: Work, key: UUID) -> SeenPlan:
    """Take part no longer. Who does not take part changes nothing."""
    seen = await seen_plan(work, key, of=CHECKIN_PLANS_JOIN, lock=True)
    member_id = _member(seen)
    row = await participant(work.session, key, member_id)
    if row is not None and row.left_at is None:
        row.left_at = work.now
        seen.plan.participants -= 1
        await work.session.flush()
        await audit(work.session, work.caller, seen.plan, "leave", {"member_id": [str(member_id), None]}, work.now)
    return seen


def _member(seen: SeenPlan) -> UUID:
    """The caller's member id; the permission reaches members only."""
    if seen.standing.member_id is None:
        raise NOT_FOUND()
    return seen.standing.member_id


def _refuse(action: str, seen: SeenPlan, cohort_id: UUID | None = None) -> None:
    refused = refusal(action, seen, cohort_id, joined=False)
    if refused is not None:
        raise refused()


async def _check(work: Work, body: PlanCreate) -> None:
    """Raises `INVALID` where nobody could take part, or on no day."""
    wrong = []
    if body.cohort_id is not None:
        there = await cohorts_in(work.session, body.community_id, [body.cohort_id])
        wrong += [problems.UNKNOWN_COHORT] if body.cohort_id not in there else []
    calendar = await work_calendar(work.session)
    weekdays = list(body.weekdays)
    if not days_asked_for(body.starts_on, body.ends_on, body.days, weekdays, is_workday=calendar.is_workday):
        wrong.append(problems.NO_DAYS)
    if wrong:
        raise INVALID(errors=wrong)


def _said(plan: CheckinPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in PlanCreate.model_fields}


def _values(plan: CheckinPlan, body: PlanPatch) -> dict[str, Any]:
    """What a patch makes otherwise than it is."""
    values = body.model_dump(include=body.model_fields_set)
    return {name: value for name, value in values.items() if getattr(plan, name) != value}
