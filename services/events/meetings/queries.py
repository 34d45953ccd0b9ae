"""Reading action items: lists, what a meeting carries over, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Waiting, task_about
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.days import local_day
from chassis.projections.members import LEFT_STATUSES
from services.events.base import known
from services.events.meetings.models import ActionItem

_DO = {"en": "Do what a meeting agreed on: {title}", "zh-CN": "完成会议行动项：{title}"}
_MOST = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; `owner_ids` None: whosever they are."""

    community_id: UUID | None = None
    owner_ids: Sequence[UUID] | None = None
    activity_id: UUID | None = None
    status: str | None = None
    due_before: date | None = None


def listing(session: AsyncSession, wanted: Wanted) -> Listing:
    """Action items, the first due first."""
    found = []
    if wanted.community_id is not None:
        found.append(col(ActionItem.community_id) == wanted.community_id)
    if wanted.owner_ids is not None:
        found.append(among(session, col(ActionItem.owner_id), wanted.owner_ids))
    if wanted.activity_id is not None:
        found.append(col(ActionItem.activity_id) == wanted.activity_id)
    if wanted.status is not None:
        found.append(col(ActionItem.status) == wanted.status)
    if wanted.due_before is not None:
        found.append(col(ActionItem.due_on) < wanted.due_before)
    return Listing(select(ActionItem).where(*found), [col(ActionItem.due_on).asc(), col(ActionItem.id).asc()])


async def of_meeting(session: AsyncSession, activity_id: UUID) -> Sequence[ActionItem]:
    """What came out of a meeting."""
    found = select(ActionItem).where(col(ActionItem.activity_id) == activity_id)
    return (await session.execute(found.order_by(col(ActionItem.id)).limit(_MOST))).scalars().all()


async def carried_over(session: AsyncSession, community_id: UUID, activity_id: UUID) -> Sequence[ActionItem]:
    """What came out of other meetings and is still open, the first due first."""
    found = select(ActionItem).where(
        col(ActionItem.community_id) == community_id,
        col(ActionItem.status) == "open",
        col(ActionItem.activity_id) != activity_id,
    )
    ordered = found.order_by(col(ActionItem.due_on), col(ActionItem.id)).limit(_MOST)
    return (await session.execute(ordered)).scalars().all()


def _waiting() -> Select[Any]:
    members, communities = known.members.c, known.communities.c
    return (
        select(
            col(ActionItem.id),
            col(ActionItem.title),
            communities.id.label("community_id"),
            communities.name.label("community_name"),
        )
        .select_from(ActionItem)
        .join(known.members, members.id == col(ActionItem.owner_id))
        .join(known.communities, communities.id == col(ActionItem.community_id))
        .where(
            members.person_id == bindparam("person_id"),
            members.status.not_in(sorted(LEFT_STATUSES)),
            communities.status != "archived",
            col(ActionItem.status) == "open",
        )
        .order_by(col(ActionItem.due_on), col(ActionItem.id))
        .limit(_MOST)
    )


_WAITING: Prepared[Any] = Prepared(_waiting())
_OPEN: Prepared[Any] = Prepared(
    select(
        func.count(),
        func.min(col(ActionItem.created_at)),
        func.count().filter(col(ActionItem.due_on) < bindparam("today")),
    ).where(col(ActionItem.community_id) == bindparam("community_id"), col(ActionItem.status) == "open")
)
_ZONE: Prepared[Any] = Prepared(select(known.communities.c.time_zone).where(known.communities.c.id == bindparam("id")))


async def to_do(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What the caller is to do, by the day until when."""
    return [
        task_about(row, reader, "do_action_item", _DO, "action_item", "/v1/action-items")
        for row in await _WAITING.all(session, person_id=reader.caller.id)
    ]


async def open_items(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What meetings agreed on and nobody has done yet; overdue is what should have been done before today."""
    today = local_day(now, time_zone=await _ZONE.first(session, id=community_id) or "UTC")
    count, oldest_at, overdue = await _OPEN.one(session, community_id=community_id, today=today)
    href = f"/v1/action-items?community_id={community_id}&status=open"
    return Waiting(count=count, oldest_at=oldest_at, overdue=overdue, href=href)
