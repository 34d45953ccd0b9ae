"""What a home shows of what is unread."""

from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from chassis.database.statements import Prepared, bindparam
from chassis.web.pages import COUNT_LIMIT
from services.content.discussions.models import Discussion
from services.content.feedback.models import Feedback
from services.content.feedback.queries import UNREAD
from services.content.threads.queries import unread_by
from services.content.threads.schemas import UnreadPublic

_KINDS = (
    select(col(Discussion.kind))
    .where(
        col(Discussion.removed_at).is_(None),
        col(Discussion.community_id) == bindparam("community_id"),
        unread_by([bindparam("member_id")]),
    )
    .limit(COUNT_LIMIT)
    .subquery()
)
_FEEDBACK = (
    select(func.count())
    .select_from(Feedback)
    .where(col(Feedback.author_id) == bindparam("member_id"), UNREAD)
    .scalar_subquery()
)
_COUNTED: Prepared[Any] = Prepared(
    select(
        func.count().label("discussions"),
        func.coalesce(func.sum(case((_KINDS.c.kind == "announcement", 1), else_=0)), 0).label("announcements"),
        _FEEDBACK.label("feedback"),
    ).select_from(_KINDS)
)


async def unread(session: AsyncSession, visit: Visit) -> UnreadPublic | None:
    """How many discussions the caller has not read."""
    if visit.member is None:
        return None
    return await unread_of(session, visit.community_id, visit.member.id)


async def unread_of(session: AsyncSession, community_id: UUID, member_id: UUID) -> UnreadPublic:
    """How many discussions a member has not read, as their list shows them."""
    [row] = await _COUNTED.all(session, community_id=community_id, member_id=member_id)
    return UnreadPublic(discussions=row.discussions, announcements=row.announcements, feedback=row.feedback)
