"""How far the groups of a community are with a plan."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.workdays import work_calendar
from chassis.web.work import Work
from services.gamification.base import known_groups
from services.gamification.plans.access import SeenPlan
from services.gamification.plans.completing import asked_for_by
from services.gamification.plans.models import PlanParticipant
from services.gamification.plans.rules import days_needed
from services.gamification.plans.schemas import PlanGroup

_groups, _belong = known_groups.groups.c, known_groups.members.c


def _takes_part(plan_id: Any) -> list[ColumnElement[bool]]:
    """A row of who belongs to groups is that of a participant of a plan; its id or a parameter is given."""
    return [
        col(PlanParticipant.member_id) == _belong.member_id,
        col(PlanParticipant.plan_id) == plan_id,
        col(PlanParticipant.left_at).is_(None),
        _belong.belongs,
    ]


_FIGURES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            _belong.group_id,
            func.count().label("participants"),
            func.count(col(PlanParticipant.completed_on)).label("completed"),
            func.sum(col(PlanParticipant.days_done)).label("days"),
        )
        .where(*_takes_part(bindparam("plan_id")), on.among(_belong.group_id, "groups"))
        .group_by(_belong.group_id)
    )
)
_OWN: Prepared[UUID] = Prepared(
    lambda on: select(_belong.group_id).where(
        on.among(_belong.group_id, "groups"), _belong.member_id == bindparam("member_id"), _belong.belongs
    )
)


def groups_taking_part(seen: SeenPlan, *, of_member: UUID | None = None) -> Listing:
    """The groups of which somebody takes part in the plan, or of these those that a member belongs to; the oldest first."""
    some = select(_belong.id).where(_belong.group_id == _groups.id, *_takes_part(seen.plan.id))
    statement = select(_groups.id, _groups.name).where(
        _groups.community_id == seen.plan.community_id,
        ~_groups.dissolved,
        some.correlate(known_groups.groups).exists(),
    )
    if of_member is not None:
        theirs = select(_belong.group_id).where(_belong.member_id == of_member, _belong.belongs)
        statement = statement.where(_groups.id.in_(theirs))
    return Listing(statement, [_groups.id.asc()])


async def groups_shown(work: Work, seen: SeenPlan, rows: Sequence[Any]) -> list[PlanGroup]:
    """These groups with the figures of those who take part."""
    ids = [row[0] for row in rows]
    if not ids:
        return []
    found = await _FIGURES.all(work.session, plan_id=seen.plan.id, groups=ids)
    figures = {row.group_id: row for row in found}
    own = await _own(work, seen, ids)
    asked_for = len(asked_for_by(seen.plan, await work_calendar(work.session)))
    return [
        PlanGroup(
            group_id=group_id,
            name=name,
            participants=(of := figures[group_id]).participants,
            completed=of.completed,
            mean_days_done=round(int(of.days) / of.participants, 1),
            days_total=asked_for,
            days_needed=days_needed(asked_for, seen.plan.complete_at),
            mine=group_id in own,
        )
        for group_id, name in rows
        if group_id in figures
    ]


async def _own(work: Work, seen: SeenPlan, group_ids: Collection[UUID]) -> frozenset[UUID]:
    member_id = seen.standing.member_id
    if member_id is None:
        return frozenset()
    return frozenset(await _OWN.all(work.session, groups=list(group_ids), member_id=member_id))
