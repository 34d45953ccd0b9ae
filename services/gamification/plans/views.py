"""How check-in plans become answers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from chassis.projections.communities import communities_embedded
from chassis.projections.workdays import work_calendar
from chassis.projections.workplaces import workplaces
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.certificates.queries import cohort_names
from services.gamification.plans.access import SeenPlan, refusal, status_of
from services.gamification.plans.completing import asked_for_by
from services.gamification.plans.models import CheckinPlan, PlanParticipant
from services.gamification.plans.queries import participations
from services.gamification.plans.rules import days_needed
from services.gamification.plans.schemas import PlanMine, PlanPublic

ACTIONS = ("update", "cancel", "join", "leave")


async def shown(work: Work, seen: SeenPlan) -> PlanPublic:
    """One plan."""
    mine = [seen.standing.member_id] if seen.standing.member_id else []
    found = await listed(
        work, [seen.plan], {seen.plan.community_id: seen.standing}, mine, {seen.plan.community_id: seen.today}
    )
    return found[0]


async def listed(
    work: Work,
    plans: Sequence[CheckinPlan],
    standings: Mapping[UUID, Standing],
    member_ids: Collection[UUID],
    days: Mapping[UUID, date],
) -> list[PlanPublic]:
    """Plans as their reader sees them, who has these memberships; in communities without a standing the reader joins, at most, and leaves."""
    taking_part = await participations(work.session, [one.id for one in plans], member_ids)
    places = await workplaces(work.session, member_ids)
    cohorts = {place.community_id: place.cohort_id for place in places.values()}
    communities = await communities_embedded(work.session, {one.community_id for one in plans})
    names = await cohort_names(work.session, {one.cohort_id for one in plans if one.cohort_id is not None})
    calendar = await work_calendar(work.session)
    answers = []
    for plan in plans:
        today = days[plan.community_id]
        asked_for = len(asked_for_by(plan, calendar))
        standing, mine = standings.get(plan.community_id), taking_part.get(plan.id)
        answers.append(
            PlanPublic(
                **plan.model_dump(),
                community=communities[plan.community_id],
                cohort_name=names.get(plan.cohort_id) if plan.cohort_id is not None else None,
                status=status_of(plan, today),
                days_total=asked_for,
                days_needed=days_needed(asked_for, plan.complete_at),
                mine=PlanMine.model_validate(mine) if mine is not None else None,
                viewer=_viewer(plan, standing, today, cohorts.get(plan.community_id), mine),
            )
        )
    return answers


def _viewer(
    plan: CheckinPlan, standing: Standing | None, today: date, cohort_id: UUID | None, mine: PlanParticipant | None
) -> Viewer:
    if standing is None:
        return Viewer(can=[], cannot={})
    seen = SeenPlan(plan, standing, today)
    refusals = {
        action: refusal(action, seen, cohort_id, joined=mine is not None)
        for action in ACTIONS
        if action != ("join" if mine is not None else "leave") and not (action == "cancel" and plan.cancelled_at)
    }
    archived = "community_archived" if standing.community.status == "archived" else None
    answers = {action: refused.code if refused else archived for action, refused in refusals.items()}
    return Viewer.of(answers)
