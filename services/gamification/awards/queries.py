"""Reading awards by hand, and what of budgets is used."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, TaskCommunity, Waiting, task_about
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.gamification.awards.models import Award
from services.gamification.base import known

_CITED = {"en": "May others read what you are praised for?", "zh-CN": "是否允许公开给您的颁奖词？"}
_WAITING = {"en": "Awards to approve: {count}", "zh-CN": "待审批的奖励：{count} 个"}
_members, _communities = known.members.c, known.communities.c

_used: Any = select(func.coalesce(func.sum(col(Award.points)), 0)).where(
    col(Award.month) == bindparam("month"), col(Award.status) != "refused", col(Award.proposer_id).is_not(None)
)
_USED_BY: Prepared[int] = Prepared(_used.where(col(Award.proposer_id) == bindparam("member_id")))
_USED_IN: Prepared[int] = Prepared(_used.where(col(Award.community_id) == bindparam("community_id")))
_TO_APPROVE: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Award.created_at))).where(
        col(Award.community_id) == bindparam("community_id"), col(Award.status) == "pending"
    )
)
_TO_ANSWER: Prepared[Any] = Prepared(
    select(
        col(Award.id),
        literal("").label("title"),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .select_from(Award)
    .join(known.members, _members.id == col(Award.member_id))
    .join(known.communities, _communities.id == col(Award.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        col(Award.status) == "given",
        col(Award.citation).is_not(None),
        col(Award.citation_public).is_(None),
    )
    .order_by(col(Award.created_at), col(Award.id))
    .limit(100)
)

_OWN_TO_APPROVE: Prepared[Any] = Prepared(
    select(_members.roles, _communities.id, _communities.name, func.count().label("count"))
    .select_from(Award)
    .join(known.communities, _communities.id == col(Award.community_id))
    .join(known.members, _members.community_id == col(Award.community_id))
    .where(
        col(Award.status) == "pending",
        # Neither who proposed it nor who is to get it decides.
        col(Award.proposer_id).is_distinct_from(_members.id),
        col(Award.member_id) != _members.id,
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        _communities.status != "archived",
    )
    .group_by(_members.id, _communities.id)
    .order_by(func.min(col(Award.created_at)), _communities.id)
)


async def used_by(session: AsyncSession, member_id: UUID, month: date) -> int:
    """Points that a person proposed in a month and that were not refused."""
    return int(await _USED_BY.one(session, member_id=member_id, month=month))


async def used_in(session: AsyncSession, community_id: UUID, month: date) -> int:
    """The same of a whole community, without what an appeal gives back."""
    return int(await _USED_IN.one(session, community_id=community_id, month=month))


def listing(
    community_id: UUID,
    *,
    readers: Collection[UUID] | None,
    member_id: UUID | None,
    status: str | None,
) -> Listing:
    """A community's awards, the latest first; to `readers` their own, and those whose member lets others read of them."""
    conditions: list[ColumnElement[bool]] = [col(Award.community_id) == community_id]
    if readers is not None:
        shown = and_(col(Award.status) == "given", col(Award.citation_public).is_(True))
        own = and_(col(Award.member_id).in_(list(readers)), col(Award.status) == "given")
        conditions.append(or_(shown, own))
    if member_id is not None:
        conditions.append(col(Award.member_id) == member_id)
    if status is not None:
        conditions.append(col(Award.status) == status)
    return Listing(select(Award).where(*conditions), [col(Award.created_at).desc(), col(Award.id).desc()])


async def to_approve(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """Awards that wait for a second person."""
    count, oldest_at = await _TO_APPROVE.one(session, community_id=community_id)
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/awards?community_id={community_id}&status=pending")


async def own_to_approve(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """Awards that the caller, an owner, can decide: a task for each of their communities."""
    rows = await _OWN_TO_APPROVE.all(session, person_id=reader.caller.id)
    return [
        Task(
            code="approve_awards",
            title=_WAITING[reader.locale].format(count=row.count),
            community=TaskCommunity(id=row.id, name=row.name),
            count=row.count,
            href=f"/v1/awards?community_id={row.id}&status=pending",
        )
        for row in rows
        if "owner" in row.roles
    ]


async def to_answer(session: AsyncSession, reader: Reader) -> list[Task]:
    """Citations about which the caller has not said anything."""
    rows = await _TO_ANSWER.all(session, person_id=reader.caller.id)
    return [task_about(row, reader, "award_citation", _CITED, "award", "/v1/awards", None) for row in rows]
