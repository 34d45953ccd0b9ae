"""Publishing at a moment that was chosen."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, schedule
from services.content.articles.held import waits_now
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.service import publish, set_working

PUBLISH = "article.publish"

timers = Timers()


async def publish_or_wait(session: AsyncSession, article: Article, version: ArticleVersion, now: datetime) -> None:
    """Let readers see an approved version now, or when its moment has come; its article is locked."""
    if version.publish_at is None or version.publish_at <= now:
        await publish(session, article, version, now)
        return
    version.state = "scheduled"
    set_working(article, "scheduled")
    article.version += 1
    await schedule(session, PUBLISH, article.id, version.publish_at)


@timers.on(PUBLISH, late=Late.BEGINNING)
async def publish_scheduled(session: AsyncSession, timer: Timer) -> None:
    """Publish what is still to be published: who changed, returned or removed it meanwhile, submits it again."""
    article = await session.get(Article, timer.subject_id, with_for_update=True, populate_existing=True)
    if article is None or article.working != "scheduled":
        return
    version = await session.get_one(ArticleVersion, (article.id, article.versions))
    if article.causes:
        version.state = "draft"
        set_working(article, "draft")
        article.version += 1
    elif version.publish_at is not None and version.publish_at <= timer.now:
        if await waits_now(session, article, version, timer.now):
            return
        await publish(session, article, version, timer.at)
