"""How far members read articles and how they rated them, told once more (`qunxue republish content deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from services.content.articles.models import Article, ArticleReading
from services.content.articles.telling import rated, read


async def reading_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Of each reader of each article the last message of how far they read it, and that of how they rate it."""
    found = select(ArticleReading, Article).join(Article, col(Article.id) == col(ArticleReading.article_id))
    if since is not None:
        found = found.where(or_(col(ArticleReading.read_at) >= since, col(ArticleReading.rated_at) >= since))
    key = col(ArticleReading.article_id), col(ArticleReading.member_id)
    async for reading, article in walk(session, found, *key):
        for message in _told(reading, article):
            if since is None or message.occurred_at >= since:
                yield message


def _told(reading: ArticleReading, article: Article) -> list[Outgoing]:
    """In the order of their versions, as the first time; the tags are those the article has now."""
    told = []
    if reading.read_at is not None and reading.read_no is not None:
        told.append(Outgoing(read(reading, article), reading.read_no, reading.read_at, **_again(reading.read_as)))
    if reading.rated_at is not None and reading.rated_no is not None:
        told.append(Outgoing(rated(reading, article), reading.rated_no, reading.rated_at, **_again(reading.rated_as)))
    return sorted(told, key=lambda one: one.version)


def _again(key: UUID | None) -> dict[str, Any]:
    """What was told before ids were kept has another id; its source, subject and version say which it is."""
    return {"backfill": True} if key is None else {"backfill": True, "id": key}
