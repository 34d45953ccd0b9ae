"""Reading sharing sessions: who spoke, and whose draft waits for them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.returned import own_drafts
from services.content.base import known
from services.content.sessions.models import SessionSpeaker

_FINISH = {"en": "Write down what you shared: {title}", "zh-CN": "整理分享实录：{title}"}

_members, _communities = known.members.c, known.communities.c
_SPEAKERS: Prepared[Any] = Prepared(
    select(col(SessionSpeaker.member_id), col(SessionSpeaker.speaks))
    .where(col(SessionSpeaker.activity_id) == bindparam("activity_id"))
    .order_by(col(SessionSpeaker.version), col(SessionSpeaker.place), col(SessionSpeaker.member_id))
)
_GONE: Prepared[UUID] = Prepared(
    lambda on: select(_members.id).where(on.among(_members.id, "ids"), _members.status.in_(sorted(LEFT_STATUSES)))
)
_COMMUNITY: Prepared[Any] = Prepared(
    select(_communities.status, _communities.visibility).where(_communities.id == bindparam("community_id"))
)
_TO_FINISH = own_drafts(
    col(Article.title),
    since=col(Article.created_at),
    only=[
        col(Article.source_activity_id).is_not(None),
        col(Article.published_at).is_(None),
        col(ArticleVersion.returned_at).is_(None),
    ],
)


async def speakers_of(session: AsyncSession, activity_id: UUID, *, withdrawn_too: bool = False) -> list[str]:
    """The members who speak at an activity, who was named first first."""
    rows = await _SPEAKERS.all(session, activity_id=activity_id)
    return [str(row.member_id) for row in rows if row.speaks or withdrawn_too]


async def gone_among(session: AsyncSession, ids: Sequence[UUID]) -> set[str]:
    """Which of these members have left. Who is not known yet has not."""
    return {str(one) for one in await _GONE.all(session, ids=list(ids))}


async def community_of(session: AsyncSession, community_id: UUID) -> Any:
    """What is known of a community: `status` and `visibility`."""
    return await _COMMUNITY.first(session, community_id=community_id)


async def to_finish(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The drafts about what the caller shared, the oldest first, until they are submitted or removed; what was returned is to be mended."""
    rows = await _TO_FINISH.all(session, person_id=reader.caller.id)
    return [task_about(row, reader, "finish_archive", _FINISH, "article", "/v1/articles") for row in rows]
