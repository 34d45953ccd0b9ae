"""What content tells of articles about activities. Those of one article come in their order, some of them twice."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.messaging.handlers import Handlers, Received
from contracts.content import ArticleArchived, ArticlePublished, ArticleRemoved, ArticleRestored, ArticleRevised
from services.events.activities.models import Activity

_ABOUT: Prepared[UUID] = Prepared(
    select(col(Activity.id)).where(col(Activity.archive_article_id) == bindparam("article_id"))
)

handlers = Handlers()


@handlers.on(ArticlePublished, ArticleRevised, ArticleRestored, ArticleRemoved, ArticleArchived)
async def follow_articles(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Let an activity name the article about it, as long as members read it."""
    for message in messages:
        told = message.data
        if isinstance(told, ArticlePublished | ArticleRevised):
            activity_id, article_id = told.source_activity_id, told.article_id
        else:
            article_id = told.article_id if isinstance(told, ArticleArchived) else told.id
            activity_id = await _ABOUT.first(session, article_id=article_id)
        if activity_id is not None:
            shown = not isinstance(told, ArticleRemoved | ArticleArchived)
            await _take(session, activity_id, article_id, message, shown=shown)


async def _take(
    session: AsyncSession, activity_id: UUID, article_id: UUID, message: Received[Any], *, shown: bool
) -> None:
    activity = await session.get(Activity, activity_id, with_for_update=True, populate_existing=True)
    if activity is None or activity.community_id != message.data.community_id:
        return
    if message.version > activity.archive_version:
        activity.archive_article_id, activity.archive_shown = article_id, shown
        activity.archive_version = message.version
