"""Reading insights: lists, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity, Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.days import local_day
from chassis.projections.members import LEFT_STATUSES
from services.analytics.base import known
from services.analytics.insights.models import Insight, MemberRisk
from services.analytics.insights.rules import OPEN, RUNNING

_SEE_TO = {"en": "See to an insight that you own", "zh-CN": "跟进由你负责的洞察"}
_MOST = 100
_MOST_NAMED = 50

_members, _communities = known.members.c, known.communities.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; `due_by`: acted upon, and what came of it can be seen on this day."""

    community_id: UUID
    code: str | None = None
    severity: str | None = None
    status: str | None = None
    owner_id: UUID | None = None
    due_by: date | None = None


def listing(wanted: Wanted) -> Listing:
    """A community's insights, the latest first."""
    found = [col(Insight.community_id) == wanted.community_id]
    if wanted.code is not None:
        found.append(col(Insight.code) == wanted.code)
    if wanted.severity is not None:
        found.append(col(Insight.severity) == wanted.severity)
    if wanted.status is not None:
        found.append(col(Insight.status) == wanted.status)
    if wanted.owner_id is not None:
        found.append(col(Insight.owner_id) == wanted.owner_id)
    if wanted.due_by is not None:
        found += [col(Insight.status) == "acting", col(Insight.effect_due_on) <= wanted.due_by]
    return Listing(select(Insight).where(*found), [col(Insight.raised_at).desc(), col(Insight.id).desc()])


_NEW: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Insight.raised_at))).where(
        col(Insight.community_id) == bindparam("community_id"), col(Insight.status) == "new"
    )
)
_DUE: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Insight.acting_at))).where(
        col(Insight.community_id) == bindparam("community_id"),
        col(Insight.status) == "acting",
        col(Insight.effect_due_on) <= bindparam("today"),
    )
)
_DAY: Prepared[Any] = Prepared(
    select(_communities.time_zone, _communities.day_starts_at).where(_communities.id == bindparam("id"))
)

_IN_COHORT: Prepared[Any] = Prepared(
    select(_members.id)
    .where(_members.community_id == bindparam("community_id"), _members.cohort_id == bindparam("cohort_id"))
    .limit(1)
)

_AT_RISK: Prepared[UUID] = Prepared(
    select(col(MemberRisk.member_id))
    .where(col(MemberRisk.community_id) == bindparam("community_id"), col(MemberRisk.still))
    .order_by(col(MemberRisk.last_active_on), col(MemberRisk.member_id))
    .limit(_MOST_NAMED)
)


def _owned() -> Select[Any]:
    return (
        select(
            col(Insight.id),
            _communities.id.label("community_id"),
            _communities.name.label("community_name"),
            _members.roles,
        )
        .select_from(Insight)
        .join(known.members, _members.id == col(Insight.owner_id))
        .join(known.communities, _communities.id == col(Insight.community_id))
        .where(
            _members.person_id == bindparam("person_id"),
            _members.status.not_in(sorted(LEFT_STATUSES)),
            _communities.status != "archived",
            col(Insight.status).in_(sorted(OPEN)),
        )
        .order_by(col(Insight.raised_at), col(Insight.id))
        .limit(_MOST)
    )


_OWNED: Prepared[Any] = Prepared(_owned())


async def at_risk(session: AsyncSession, community_id: UUID) -> list[UUID]:
    """Members who still seem likely to leave, the longest silent first."""
    return await _AT_RISK.all(session, community_id=community_id)


async def has_cohort(session: AsyncSession, community_id: UUID, cohort_id: UUID) -> bool:
    """Whether anybody of the community is or was in the cohort: of others nothing is known here."""
    return await _IN_COHORT.first(session, community_id=community_id, cohort_id=cohort_id) is not None


async def today_in(session: AsyncSession, community_id: UUID, now: datetime) -> date:
    """The community's day."""
    row = await _DAY.first(session, id=community_id)
    return local_day(now, time_zone="UTC") if row is None else local_day(now, time_zone=row[0], day_starts_at=row[1])


async def new_ones(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """What nobody has looked at yet."""
    count, oldest_at = await _NEW.one(session, community_id=community_id)
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/insights?community_id={community_id}&status=new")


async def effects_due(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What was acted upon long enough ago that one can see what came of it."""
    today = await today_in(session, community_id, now)
    count, oldest_at = await _DUE.one(session, community_id=community_id, today=today)
    href = f"/v1/insights?community_id={community_id}&effect_due=true"
    return Waiting(count=count, oldest_at=oldest_at, overdue=count, href=href)


async def to_see_to(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What the caller owns and has not closed. Who runs the community no more reads it no more."""
    return [
        Task(
            code="see_to_insight",
            title=_SEE_TO[reader.locale],
            community=TaskCommunity(id=row.community_id, name=row.community_name),
            href=f"/v1/insights/{row.id}",
            object=ObjectRef(kind="insight", id=row.id),
        )
        for row in await _OWNED.all(session, person_id=reader.caller.id)
        if RUNNING.intersection(row.roles)
    ]
