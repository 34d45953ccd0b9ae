"""Versions of articles that wait for a moderator, before reviewers and readers see them. What readers see meanwhile stays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.work import Work
from contracts.fields import ContentObject
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.service import author_ids, index, naming, set_working, show, text_of
from services.content.attachments.naming import add_named
from services.content.holding.service import hold, live_item, mended, news
from services.content.markdown import rendered
from services.content.mentions import mentioned
from services.content.scanning.scanners import Verdict, verdict_on


async def waits(
    session: AsyncSession, article: Article, version: ArticleVersion, verdict: Verdict, now: datetime
) -> bool:
    """Whether a moderator looks at a version first: at what lists hold, and once more at what they returned. Its article is locked."""
    text, item = text_of(version), await live_item(session, article.id)
    if verdict.holds:
        before = None
        if article.published_at is not None:
            before = text_of(await session.get_one(ArticleVersion, (article.id, article.number)))
        item = await hold(session, article.community_id, _about(article, version), verdict, text, now, before=before)
        item.author_ids = list(dict.fromkeys([*version.author_ids, *version.editor_ids]))
    elif item is None or item.status != "returned" or await mended(session, article.id, text, now):
        return False
    version.state = "held"
    set_working(article, "held")
    article.version += 1
    return True


async def waits_now(session: AsyncSession, article: Article, version: ArticleVersion, now: datetime) -> bool:
    """The same for one that was let through when it was submitted: lists may say something else since."""
    verdict = await verdict_on(session, article.community_id, as_scanned(version))
    if not await news(session, article.id, verdict):
        return False
    return await waits(session, article, version, verdict.held(), now)


async def write(work: Work, article: Article, version: ArticleVersion, text: dict[str, Any], by: UUID) -> None:
    """Let the version that waits say what a moderator wrote instead."""
    values = {name: value for name, value in text.items() if value != getattr(version, name)}
    if not values:
        return
    if "body" in values:
        shown = rendered(values["body"])
        html, mentions = await mentioned(work, article.community_id, shown, group_id=article.group_id)
        values |= {"body_html": html, "excerpt": shown.excerpt, "mentions": mentions}
        await add_named(work, naming(article), values["body"], before=version.body)
    version.sqlmodel_update(values)
    version.edited_by, version.edited_at = by, work.now
    version.editor_ids = list(dict.fromkeys([*version.editor_ids, str(by)]))
    if article.published_at is None:
        show(article, version, work.now)
    await index(work.session, article, version)


def give_back(article: Article, version: ArticleVersion) -> None:
    """Let its authors write on it."""
    version.state = "draft"
    set_working(article, "draft")
    article.version += 1


def as_scanned(version: ArticleVersion) -> dict[str, str]:
    """What its authors wrote, as it is scanned. Where news is from is a link by its nature."""
    said = {"title": version.title, "summary": version.summary, "body": version.body, "tags": "\n".join(version.tags)}
    return said | ({"source/name": version.source["name"]} if version.source else {})


def about(article: Article) -> ContentObject:
    """The article, for messages that are about any piece of content."""
    return ContentObject(kind="article", id=article.id, root_id=article.id, author_ids=author_ids(article))


def _about(article: Article, version: ArticleVersion) -> ContentObject:
    return about(article).model_copy(update={"author_ids": tuple(UUID(one) for one in version.author_ids)})
