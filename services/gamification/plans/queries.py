"""Reading check-in plans and who takes part."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared
from chassis.projections.communities import known_communities
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.rules import Status

_MINE: Prepared[Any] = Prepared(
    lambda on: select(PlanParticipant).where(
        on.among(col(PlanParticipant.plan_id), "plans"),
        on.among(col(PlanParticipant.member_id), "members"),
        col(PlanParticipant.left_at).is_(None),
    )
)

REVIEWED_WITHIN: Final = timedelta(days=14)
"""What nobody has reviewed by then waits for nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which plans of a list."""

    community_ids: Collection[UUID]
    status: Status | None
    joined_by: Sequence[UUID] | None
    """Only those in which one of these members takes part."""
    to_review_since: datetime | None = None
    """Only those with a day that nobody has reviewed, handed in after that moment."""


async def present_days(session: AsyncSession, communities: Iterable[UUID], now: datetime) -> dict[UUID, date]:
    """Which day it is in each of these communities."""
    return {key: one.day_of(now) for key, one in (await known_communities(session, communities)).items()}


def listing(wanted: Wanted, days: Mapping[UUID, date]) -> Listing:
    """Plans, the latest first, by the day that it is in their communities."""
    conditions: list[ColumnElement[bool]] = [col(CheckinPlan.community_id).in_(wanted.community_ids)]
    if wanted.status is not None:
        conditions.append(_has(wanted.status, days))
    if wanted.joined_by is not None:
        taking_part = select(col(PlanParticipant.plan_id)).where(
            col(PlanParticipant.member_id).in_(wanted.joined_by), col(PlanParticipant.left_at).is_(None)
        )
        conditions.append(col(CheckinPlan.id).in_(taking_part))
    if wanted.to_review_since is not None:
        waiting = select(col(PlanEntry.plan_id)).where(
            col(PlanEntry.community_id).in_(wanted.community_ids),
            col(PlanEntry.status) == "done",
            col(PlanEntry.removed).is_(False),
            col(PlanEntry.submitted_at) > wanted.to_review_since,
        )
        conditions += [
            col(CheckinPlan.id).in_(waiting),
            col(CheckinPlan.requires) != "none",
            col(CheckinPlan.cancelled_at).is_(None),
        ]
    return Listing(
        select(CheckinPlan).where(*conditions), [col(CheckinPlan.starts_on).desc(), col(CheckinPlan.id).desc()]
    )


def _has(status: Status, days: Mapping[UUID, date]) -> ColumnElement[bool]:
    is_cancelled = col(CheckinPlan.cancelled_at).is_not(None)
    if status == "cancelled":
        return is_cancelled
    by_day: dict[date, list[UUID]] = {}
    for community_id, day in days.items():
        by_day.setdefault(day, []).append(community_id)
    starts_on, ends_on = col(CheckinPlan.starts_on), col(CheckinPlan.ends_on)
    found = [
        and_(
            col(CheckinPlan.community_id).in_(some),
            starts_on > day if status == "upcoming" else starts_on <= day,
            ends_on < day if status == "ended" else ends_on >= day,
        )
        for day, some in by_day.items()
    ]
    return and_(~is_cancelled, or_(false(), *found))


async def plans_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, CheckinPlan]:
    """These plans."""
    if not ids:
        return {}
    found = await session.execute(select(CheckinPlan).where(among(session, col(CheckinPlan.id), ids)))
    return {row.id: row for row in found.scalars()}


async def participations(
    session: AsyncSession, plan_ids: Collection[UUID], member_ids: Collection[UUID]
) -> dict[UUID, PlanParticipant]:
    """What these members, at most one of each community, are to these plans now, by plan."""
    if not plan_ids or not member_ids:
        return {}
    rows = await _MINE.all(session, plans=list(plan_ids), members=list(member_ids))
    return {row.plan_id: row for row in rows}


async def participant(session: AsyncSession, plan_id: UUID, member_id: UUID) -> PlanParticipant | None:
    """What a member is to a plan, or was, to be changed under the plan's lock."""
    return await session.get(PlanParticipant, (plan_id, member_id), populate_existing=True)
