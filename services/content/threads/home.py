"""What a home shows of what is unread."""

from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.security.authority import columns_as
from chassis.web.pages import COUNT_LIMIT
from services.content.discussions.models import Discussion
from services.content.feedback.models import Feedback
from services.content.feedback.queries import UNREAD
from services.content.groups import GroupReader, reader_as, seen_by_reader
from services.content.threads.queries import unread_by
from services.content.threads.schemas import UnreadPublic

_FEEDBACK = (
    select(func.count())
    .select_from(Feedback)
    .where(col(Feedback.author_id) == bindparam("member_id"), UNREAD)
    .scalar_subquery()
)


def _counted(on: Spelling) -> Any:
    kinds = (
        select(col(Discussion.kind))
        .where(
            col(Discussion.removed_at).is_(None),
            col(Discussion.community_id) == bindparam("community_id"),
            seen_by_reader(on, col(Discussion.group_id), col(Discussion.community_id)),
            unread_by([bindparam("member_id")]),
        )
        .limit(COUNT_LIMIT)
        .subquery()
    )
    return select(
        func.count().label("discussions"),
        func.coalesce(func.sum(case((kinds.c.kind == "announcement", 1), else_=0)), 0).label("announcements"),
        _FEEDBACK.label("feedback"),
    ).select_from(kinds)


_COUNTED: Prepared[Any] = Prepared(_counted)


async def unread(session: AsyncSession, visit: Visit) -> UnreadPublic | None:
    """How many discussions the caller has not read."""
    if visit.member is None:
        return None
    columns = columns_as(visit.caller, visit.member, visit.now)
    groups = reader_as(visit.community_id, visit.member.id, columns)
    return await unread_of(session, visit.community_id, visit.member.id, groups)


async def unread_of(session: AsyncSession, community_id: UUID, member_id: UUID, groups: GroupReader) -> UnreadPublic:
    """How many discussions a member has not read, as their list shows them."""
    [row] = await _COUNTED.all(session, community_id=community_id, member_id=member_id, **groups.parameters)
    return UnreadPublic(discussions=row.discussions, announcements=row.announcements, feedback=row.feedback)
