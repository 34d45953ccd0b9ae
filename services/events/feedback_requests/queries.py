"""Reading feedback requests: whose they are, who is asked, what waits, and how many there were on a day."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.base import known
from services.events.feedback_requests.models import FeedbackColleague, FeedbackRequest

_ANSWER = {"en": "Say what you think of: {title}", "zh-CN": "请给出反馈：{title}"}
_MOST = 100

_OF: Prepared[Any] = Prepared(
    lambda on: (
        select(FeedbackColleague)
        .where(on.among(col(FeedbackColleague.request_id), "ids"))
        .order_by(col(FeedbackColleague.member_id))
    )
)


async def colleagues_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[FeedbackColleague]]:
    """Who is asked, by request."""
    found: dict[UUID, list[FeedbackColleague]] = {one: [] for one in ids}
    for row in await _OF.all(session, ids=list(ids)) if ids else ():
        found[row.request_id].append(row)
    return found


def _asks(member_id: UUID) -> Any:
    return exists().where(
        col(FeedbackColleague.request_id) == col(FeedbackRequest.id), col(FeedbackColleague.member_id) == member_id
    )


def listing(community_id: UUID, member_id: UUID, *, mine: bool | None) -> Listing:
    """A member's requests, those that ask them, or both; the latest first."""
    own = col(FeedbackRequest.author_id) == member_id
    whose = or_(own, _asks(member_id)) if mine is None else own if mine else _asks(member_id)
    found = select(FeedbackRequest).where(col(FeedbackRequest.community_id) == community_id, whose)
    return Listing(found, [col(FeedbackRequest.id).desc()])


def _waiting() -> Select[Any]:
    members, communities = known.members.c, known.communities.c
    return (
        select(
            col(FeedbackRequest.id),
            col(FeedbackRequest.title),
            col(FeedbackRequest.closes_at),
            communities.id.label("community_id"),
            communities.name.label("community_name"),
        )
        .select_from(FeedbackColleague)
        .join(known.members, members.id == col(FeedbackColleague.member_id))
        .join(FeedbackRequest, col(FeedbackRequest.id) == col(FeedbackColleague.request_id))
        .join(known.communities, communities.id == col(FeedbackRequest.community_id))
        .where(
            members.person_id == bindparam("person_id"),
            members.status.not_in(sorted(LEFT_STATUSES | {"suspended"})),
            communities.status != "archived",
            col(FeedbackRequest.status) == "open",
            col(FeedbackRequest.closes_at) > bindparam("now"),
            col(FeedbackColleague.answered_at).is_(None),
        )
        .order_by(col(FeedbackRequest.closes_at), col(FeedbackRequest.id))
        .limit(_MOST)
    )


_WAITING: Prepared[Any] = Prepared(_waiting())


async def to_answer(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The work that the caller is asked about."""
    rows = await _WAITING.all(session, person_id=reader.caller.id, now=reader.now)
    where = "/v1/feedback-requests"
    return [task_about(one, reader, "give_feedback", _ANSWER, "feedback_request", where, one.closes_at) for one in rows]


def _between(column: Any) -> Any:
    return (column >= bindparam("begin")) & (column < bindparam("end"))


_REQUESTS: Prepared[Any] = Prepared(
    select(
        func.count().filter(_between(col(FeedbackRequest.created_at))),
        func.count().filter(_between(col(FeedbackRequest.closed_at))),
    ).where(
        col(FeedbackRequest.community_id) == bindparam("community_id"),
        col(FeedbackRequest.created_at) < bindparam("end"),
    )
)
_ANSWERED: Prepared[int] = Prepared(
    select(func.count())
    .select_from(FeedbackColleague)
    .join(FeedbackRequest, col(FeedbackRequest.id) == col(FeedbackColleague.request_id))
    .where(col(FeedbackRequest.community_id) == bindparam("community_id"), _between(col(FeedbackColleague.answered_at)))
)


async def counted(session: AsyncSession, community_id: UUID, begin: datetime, end: datetime) -> tuple[int, int, int]:
    """How many requests were made, how many colleagues answered, and how many requests were closed."""
    opened, closed = await _REQUESTS.one(session, community_id=community_id, begin=begin, end=end)
    return opened, await _ANSWERED.one(session, community_id=community_id, begin=begin, end=end), closed
