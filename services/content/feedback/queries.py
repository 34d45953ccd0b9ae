"""Reading feedback: lists, what waits for whom, and what is counted of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, TaskCommunity, Waiting, task_about
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.content.base import known
from services.content.feedback import rules
from services.content.feedback.models import Feedback, FeedbackReply

_TITLES = {"en": "Settle feedback to owners", "zh-CN": "处理致负责人的意见与投诉"}
_NEWS = {"en": "Read what became of your feedback: {title}", "zh-CN": "查看您的意见与投诉的进展：{title}"}
_MOST = 100
_UNANSWERED = and_(col(Feedback.answered_at).is_(None), col(Feedback.closed_at).is_(None))
_UNSETTLED = and_(col(Feedback.answered_at).is_not(None), col(Feedback.closed_at).is_(None))


UNREAD = and_(
    col(Feedback.news_at).is_not(None),
    or_(col(Feedback.read_at).is_(None), col(Feedback.read_at) < col(Feedback.news_at)),
)
"""The same as `rules.is_unread`, to its author."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list."""

    waiting: rules.Waiting | None
    overdue: bool
    mine: bool
    unread: bool
    to: rules.Addressee | None
    status: rules.Status | None


def listing(
    session: AsyncSession,
    community_id: UUID,
    member_id: UUID,
    addressed: Sequence[str],
    wanted: Wanted,
    now: datetime,
) -> Listing:
    """What a member wrote and what is addressed to them, the latest first."""
    mine = col(Feedback.author_id) == member_id
    found = select(Feedback).where(
        col(Feedback.community_id) == community_id,
        or_(mine, among(session, col(Feedback.addressee), addressed))
        if addressed and not (wanted.mine or wanted.unread)
        else mine,
    )
    if wanted.waiting is not None:
        found = found.where(_UNANSWERED if wanted.waiting == "answer" else _UNSETTLED)
    if wanted.overdue:
        found = found.where(_is_overdue(now))
    if wanted.unread:
        found = found.where(UNREAD)
    if wanted.to is not None:
        found = found.where(col(Feedback.addressee) == wanted.to)
    if wanted.status is not None:
        closed = col(Feedback.closed_at)
        found = found.where(closed.is_(None) if wanted.status == "open" else closed.is_not(None))
    return Listing(found, [col(Feedback.created_at).desc(), col(Feedback.id).desc()])


def replies(feedback_id: UUID) -> Listing:
    """The replies in their order."""
    of_it = select(FeedbackReply).where(col(FeedbackReply.feedback_id) == feedback_id)
    return Listing(of_it, [col(FeedbackReply.created_at).asc(), col(FeedbackReply.id).asc()])


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """The same as `service.is_overdue`."""
    late = and_(col(Feedback.answered_at).is_(None), col(Feedback.answer_due_at) <= now)
    return and_(col(Feedback.closed_at).is_(None), or_(late, col(Feedback.close_due_at) <= now))


async def to_answer(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What nobody has answered; what is to owners alone is among their tasks."""
    return await _to_operators(session, community_id, now, "answer", _UNANSWERED)


async def to_close(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What was answered and is not settled."""
    return await _to_operators(session, community_id, now, "close", _UNSETTLED)


async def _to_operators(
    session: AsyncSession, community_id: UUID, now: datetime, waiting: rules.Waiting, which: ColumnElement[bool]
) -> Waiting:
    counted = select(func.count(), func.min(col(Feedback.created_at)), func.count().filter(_is_overdue(now))).where(
        col(Feedback.community_id) == community_id, col(Feedback.addressee) == "operators", which
    )
    count, oldest_at, overdue = (await session.execute(counted)).one()
    href = f"/v1/discussions/feedback?community_id={community_id}&to=operators&waiting={waiting}"
    return Waiting(count=count, oldest_at=oldest_at, overdue=overdue, href=href)


_members, _communities = known.members.c, known.communities.c
_TO_OWNERS = Prepared(
    select(
        _members.roles,
        _communities.id,
        _communities.name,
        func.count().label("count"),
        func.min(col(Feedback.close_due_at)).label("due_at"),
    )
    .select_from(Feedback)
    .join(known.communities, _communities.id == col(Feedback.community_id))
    .join(known.members, _members.community_id == col(Feedback.community_id))
    .where(
        col(Feedback.addressee) == "owner",
        col(Feedback.closed_at).is_(None),
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        _communities.status != "archived",
    )
    .group_by(_members.id, _communities.id)
    .order_by(_communities.id)
)


async def to_owners(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What is told to owners alone, a task for each of their communities."""
    rows: Sequence[Any] = await _TO_OWNERS.all(session, person_id=reader.caller.id)
    return [
        Task(
            code="settle_feedback",
            title=_TITLES[reader.locale],
            due_at=row.due_at,
            community=TaskCommunity(id=row.id, name=row.name),
            count=row.count,
            href=f"/v1/discussions/feedback?community_id={row.id}&to=owner&status=open",
        )
        for row in rows
        if "owner" in row.roles
    ]


_TO_READ: Prepared[Any] = Prepared(
    select(
        col(Feedback.id),
        col(Feedback.title),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .join(known.members, _members.id == col(Feedback.author_id))
    .join(known.communities, _communities.id == col(Feedback.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status.not_in(sorted(LEFT_STATUSES)),
        _communities.status != "archived",
        UNREAD,
    )
    .order_by(col(Feedback.news_at), col(Feedback.id))
    .limit(_MOST)
)


async def to_read(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The caller's feedback in which something is new, what is so for longest first, until they read it."""
    rows = await _TO_READ.all(session, person_id=reader.caller.id)
    return [task_about(row, reader, "read_feedback", _NEWS, "feedback", "/v1/discussions/feedback") for row in rows]


_COUNTED: Prepared[Any] = Prepared(
    select(
        *(
            func.count().filter(moment >= bindparam("begin"), moment < bindparam("end")).label(name)
            for name, moment in (
                ("opened", col(Feedback.created_at)),
                ("answered", col(Feedback.answered_at)),
                ("closed", col(Feedback.closed_at)),
            )
        )
    ).where(col(Feedback.community_id) == bindparam("community_id"))
)


async def counted(session: AsyncSession, community_id: UUID, begin: datetime, end: datetime) -> Any:
    """How many were opened, first answered and closed."""
    [row] = await _COUNTED.all(session, community_id=community_id, begin=begin, end=end)
    return row
