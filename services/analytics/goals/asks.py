"""What a goal asks of each member, and what somebody did of it: counted from their own facts."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.analytics.base import known
from services.analytics.facts.models import Fact, MemberDay, RollupGeneration
from services.analytics.facts.verbs import ACTIVE, READING, Verb
from services.analytics.goals.models import Goal

ACTIONS: Final = {verb.name.lower(): verb for verb in sorted((ACTIVE | READING) - {Verb.READ_ON_DAY})}
"""What members can be asked to do, by name."""


def _done(on: Spelling) -> Select[Any]:
    """For each goal that asks something of the caller: how much they did of it, within its days."""
    members = known.members.c
    reading = func.coalesce(select(col(RollupGeneration.reading)).limit(1).scalar_subquery(), 1)
    days = (
        select(func.coalesce(func.sum(col(MemberDay.n)), 0))
        .where(
            col(MemberDay.generation) == reading,
            col(MemberDay.member_id) == members.id,
            col(MemberDay.verb) == col(Goal.ask_verb),
            col(MemberDay.day).between(col(Goal.starts_on), col(Goal.due_on)),
        )
        .correlate(Goal, known.members)
        .scalar_subquery()
    )
    about = (
        select(func.count())
        .select_from(Fact)
        .where(
            col(Fact.member_id) == members.id,
            col(Fact.verb) == col(Goal.ask_verb),
            col(Fact.about) == col(Goal.ask_about),
            col(Fact.voided).is_(False),
            col(Fact.day).between(col(Goal.starts_on), col(Goal.due_on)),
        )
        .correlate(Goal, known.members)
        .scalar_subquery()
    )
    return (
        select(col(Goal.id), case((col(Goal.ask_about).is_(None), days), else_=about).label("done"))
        .select_from(Goal)
        .join(known.members, members.community_id == col(Goal.community_id))
        .where(
            on.among(col(Goal.id), "ids"),
            col(Goal.ask_verb).is_not(None),
            members.person_id == bindparam("person_id"),
            members.status.not_in(sorted(LEFT_STATUSES)),
        )
    )


_DONE: Prepared[Any] = Prepared(_done)


async def done_by(session: AsyncSession, person_id: UUID, goals: Sequence[Goal]) -> dict[UUID, int]:
    """What somebody did of what these goals ask, by goal; without those that ask nothing of them. One statement at most."""
    asking = [goal.id for goal in goals if goal.ask_verb is not None]
    if not asking:
        return {}
    return {row.id: int(row.done) for row in await _DONE.all(session, person_id=person_id, ids=asking)}
