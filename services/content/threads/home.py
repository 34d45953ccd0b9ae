"""What a home shows of what is unread."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from chassis.database.statements import rows_of
from chassis.web.pages import COUNT_LIMIT
from services.content.discussions.models import Discussion
from services.content.discussions.queries import Wanted, listing
from services.content.threads.queries import unread_by
from services.content.threads.schemas import UnreadPublic


async def unread(session: AsyncSession, visit: Visit) -> UnreadPublic | None:
    """How many discussions the caller has not read."""
    if visit.member is None:
        return None
    return await unread_of(session, visit.community_id, visit.member.id, visit.now)


async def unread_of(session: AsyncSession, community_id: UUID, member_id: UUID, now: datetime) -> UnreadPublic:
    """How many discussions a member has not read, as their list shows them."""
    wanted = Wanted(community_id=community_id, reader_ids=[member_id], also=[unread_by([member_id])])
    kinds = listing(session, wanted, now).statement.with_only_columns(col(Discussion.kind))
    found = kinds.limit(COUNT_LIMIT).subquery()
    announced = func.sum(case((found.c.kind == "announcement", 1), else_=0))
    [row] = await rows_of(session, select(func.count(), func.coalesce(announced, 0)).select_from(found))
    return UnreadPublic(discussions=row[0], announcements=row[1])
