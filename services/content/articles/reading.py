"""What an article is to one member: how far they read it, how they rate it, whether they keep it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.problems import CONFLICT_OF_INTEREST, NOT_FOUND
from chassis.projections.members import own_memberships
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.content.articles.access import SeenArticle, is_among, seen_article
from services.content.articles.models import Article, ArticleReading
from services.content.articles.occasions import ArticleWasRead, article_read
from services.content.articles.schemas import ArticleMine, ArticleRatedPublic, Rating
from services.content.articles.service import refuse
from services.content.articles.telling import FINISHED, rated, read
from services.content.bookmarks.models import Bookmark
from services.content.bookmarks.service import keep
from services.content.reactions.service import reacted_by

ONE_VIEW: Final = timedelta(hours=8)
"""Whoever comes back within it, has seen it once."""
_READINGS: Table = ArticleReading.__table__  # type: ignore[attr-defined]


async def read_on(work: Work, key: UUID, progress: float) -> ArticleMine:
    """The caller has read this much; it only grows. The article is not locked: readers do not wait for each other."""
    found = await seen_article(work, key)
    refuse(found, "read")
    reading = await _own(work, found)
    seen_anew = reading.viewed_at is None or reading.viewed_at + ONE_VIEW <= work.now
    if seen_anew:
        reading.views, reading.viewed_at = reading.views + 1, work.now
    further = progress > reading.progress
    reading.progress = max(reading.progress, progress)
    if seen_anew or further:
        await work.session.flush()
        told = Outgoing(read(reading, found.article), reading.bump(), work.now)
        reading.read_at, reading.read_no, reading.read_as = work.now, told.version, told.id
        await emit_many(work.session, [told])
    await article_read.happened(work.session, ArticleWasRead(found.article, reading.member_id, work.now))
    return await _mine(work, found)


async def rate(work: Work, key: UUID, rating: int) -> ArticleRatedPublic:
    """Rate it, in the place of what the caller gave before. Raises `CONFLICT_OF_INTEREST` for its authors."""
    found = await seen_article(work, key, lock=True)
    refuse(found, "rate")
    if is_among(found.standing, found.article.author_ids):
        raise CONFLICT_OF_INTEREST()
    article, reading = found.article, await _own(work, found)
    if rating == reading.rating:
        return await _rated(work, found)
    article.rating_count += reading.rating is None
    article.rating_sum += rating - (reading.rating or 0)
    reading.rating, reading.rated_at = rating, work.now
    await work.session.flush()
    told = Outgoing(rated(reading, article), reading.bump(), work.now)
    reading.rated_no, reading.rated_as = told.version, told.id
    await emit_many(work.session, [told])
    return await _rated(work, found)


async def _rated(work: Work, found: SeenArticle) -> ArticleRatedPublic:
    mine = await _mine(work, found)
    return ArticleRatedPublic(**mine.model_dump(), ratings=rating_of(found.article))


def rating_of(article: Article) -> Rating:
    """How good its readers find it."""
    mean = round(article.rating_sum / article.rating_count, 2) if article.rating_count else None
    return Rating(mean=mean, n=article.rating_count)


async def bookmark(work: Work, key: UUID, *, kept: bool) -> ArticleMine:
    """Keep it among what the caller comes back to, or no longer."""
    found = await seen_article(work, key)
    await keep(work, _member(found), "article", key, kept=kept)
    return await _mine(work, found)


async def _own(work: Work, found: SeenArticle) -> ArticleReading:
    """The caller's row of this article, locked."""
    key = {"article_id": found.article.id, "member_id": _member(found)}
    empty = {"progress": 0.0, "views": 0, "messages_published": 0}
    await insert_new(work.session, _READINGS, [key | empty], key=["article_id", "member_id"])
    return await existing(work.session, ArticleReading, tuple(key.values()), lock=True)


def _member(found: SeenArticle) -> UUID:
    if found.standing.member_id is None:
        raise NOT_FOUND()
    return found.standing.member_id


async def _mine(work: Work, found: SeenArticle) -> ArticleMine:
    mine = await to_reader(work, found.standing, [found.article])
    return mine[found.article.id]


async def to_reader(work: Work, standing: Standing | None, articles: Sequence[Article]) -> dict[UUID, ArticleMine]:
    """What each of these is to the caller, who is at most one member of each community; nothing in particular to nobody in particular.

    Without a standing they are the caller's own, in any community.
    """
    if standing is not None:
        mine = [standing.member_id] if standing.member_id is not None else []
    else:
        mine = await own_memberships(work.session, work.caller) if work.caller is not None else []
    ids = [one.id for one in articles]
    if not mine or not ids:
        return {}
    given = await reacted_by(work.session, mine, ids)
    about = [among(work.session, _READINGS.c.member_id, mine), among(work.session, _READINGS.c.article_id, ids)]
    read = select(_READINGS.c.article_id, _READINGS.c.progress, _READINGS.c.rating).where(*about)
    readings: dict[UUID, Any] = {row.article_id: row for row in await work.session.execute(read)}
    kept = select(col(Bookmark.object_id)).where(
        among(work.session, col(Bookmark.member_id), mine), among(work.session, col(Bookmark.object_id), ids)
    )
    bookmarked = set((await work.session.execute(kept)).scalars())
    found = {}
    for one in articles:
        reading = readings.get(one.id)
        progress = reading.progress if reading is not None else 0.0
        found[one.id] = ArticleMine(
            author=any(str(member_id) in one.author_ids for member_id in mine),
            reacted=given.get(one.id, []),
            progress=progress,
            finished=progress >= FINISHED,
            rating=reading.rating if reading is not None else None,
            bookmarked=one.id in bookmarked,
        )
    return found


async def views_of(session: AsyncSession, article_id: UUID) -> int:
    """How often it was seen: once by each member in 8 hours."""
    counted = select(func.coalesce(func.sum(_READINGS.c.views), 0)).where(_READINGS.c.article_id == article_id)
    return int((await session.execute(counted)).scalar_one())
