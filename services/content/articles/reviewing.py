"""How a version comes before readers: submitted, returned or approved; and how an article ends."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.audit import audit
from chassis.messaging.outbox import Outgoing, emit
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN
from chassis.security.authority import Standing
from chassis.web.etags import require_match
from chassis.web.said import said
from chassis.web.work import Work
from contracts.content import (
    ArticleArchived,
    ArticleRemoved,
    ArticleRestored,
    ArticleReturned,
    ArticleSubmitted,
    ContentRemoval,
)
from services.content import removal
from services.content.articles.access import SeenArticle, is_among, seen_article
from services.content.articles.held import about, as_scanned, waits, waits_now
from services.content.articles.models import Article, ArticleVersion, ReviewPolicy
from services.content.articles.occasions import Shown, article_shown
from services.content.articles.scheduling import publish_or_wait
from services.content.articles.service import author_ids, latest, refuse, set_working
from services.content.deeds.service import deeds
from services.content.holding.service import withdraw
from services.content.permissions import ARTICLES_REVIEW, ARTICLES_WRITE, CONTENT_REMOVE, CONTENT_RESTORE
from services.content.scanning.scanners import judged


async def submit(work: Work, key: UUID, publish_at: datetime | None) -> SeenArticle:
    """Ask for a review; where the community wants none, publish, or wait for the moment. What a list holds waits for a moderator before.

    Raises `TEXT_REFUSED`.
    """
    found = await seen_article(work, key, lock=True, of=ARTICLES_WRITE)
    refuse(found, "submit")
    article, version, by = await _under_way(work, found)
    verdict = await judged(work.session, article.community_id, as_scanned(version))
    version.submitted_by, version.submitted_at, version.publish_at = by, work.now, publish_at
    version.approved_by = None
    if not await waits(work.session, article, version, verdict, work.now):
        await go_on(work, article, version)
    return found


async def go_on(work: Work, article: Article, version: ArticleVersion) -> None:
    """Bring a submitted version in which nothing is found to reviewers, or to readers if none has to look at it."""
    submitted_by = version.submitted_by
    unreviewed = article.kind == "experience" and await _unreviewed(work, article.community_id)
    if unreviewed or version.approved_by is not None or submitted_by is None:
        await publish_or_wait(work.session, article, version, work.now)
        return
    version.state = "in_review"
    set_working(article, "in_review")
    article.version += 1
    await _tell(work, ArticleSubmitted, article, version, submitted_by)


async def send_back(work: Work, key: UUID, reason: str) -> SeenArticle:
    """Return it to its authors, who read why. Raises `CONFLICT_OF_INTEREST`."""
    found = await seen_article(work, key, lock=True, of=ARTICLES_REVIEW)
    refuse(found, "return")
    article, version, by = await _under_way(work, found)
    refuse_own(found.standing, version)
    version.returned_by, version.returned_at, version.reason = by, work.now, reason
    version.state = "draft"
    set_working(article, "draft")
    article.version += 1
    await _tell(work, ArticleReturned, article, version, version.submitted_by or by)
    await audit(work.session, work.caller, article, "return", {"number": [None, version.number]}, work.now)
    return found


async def approve(work: Work, key: UUID, if_match: int) -> SeenArticle:
    """Publish the version that was read, and no other, at its moment. Raises `CONFLICT_OF_INTEREST`."""
    found = await seen_article(work, key, lock=True, of=ARTICLES_REVIEW)
    require_match(found.article.version, if_match)
    refuse(found, "approve")
    article, version, by = await _under_way(work, found)
    refuse_own(found.standing, version)
    version.approved_by = by
    if not await waits_now(work.session, article, version, work.now):
        await publish_or_wait(work.session, article, version, work.now)
    await audit(work.session, work.caller, article, "approve", {"number": [None, version.number]}, work.now)
    return found


async def archive(work: Work, key: UUID) -> SeenArticle:
    """Take it out of the lists, as out of date; a version under way goes no further."""
    found = await seen_article(work, key, lock=True, of=ARTICLES_WRITE)
    refuse(found, "archive")
    article = found.article
    if article.working is not None:
        _, version, _ = await _under_way(work, found)
        version.state = "draft"
    if article.working == "held":
        await withdraw(work.session, article.id, work.now, ends=True)
    article.status, article.working = "archived", None
    article.version += 1
    message = ArticleArchived(community_id=article.community_id, article_id=article.id, author_ids=author_ids(article))
    await deeds.tell(work.session, "archived", [Outgoing(message, article.bump(), work.now)])
    await article_shown.happened(work.session, Shown(article, None))
    if not found.mine:
        await audit(work.session, work.caller, article, "archive", {"status": ["published", "archived"]}, work.now)
    return found


def refuse_own(standing: Standing, version: ArticleVersion) -> None:
    """Nobody decides about what they wrote. Raises `CONFLICT_OF_INTEREST`."""
    if wrote(standing, version):
        raise CONFLICT_OF_INTEREST()


def wrote(standing: Standing, version: ArticleVersion) -> bool:
    """Whether the caller is an author of this version, or wrote in it."""
    return is_among(standing, [*version.author_ids, *version.editor_ids])


async def _under_way(work: Work, found: SeenArticle) -> tuple[Article, ArticleVersion, UUID]:
    article, by = found.article, found.standing.member_id
    if by is None:
        raise FORBIDDEN()
    return article, await work.session.get_one(ArticleVersion, (article.id, latest(article))), by


async def _unreviewed(work: Work, community_id: UUID) -> bool:
    return (await said(work.session, ReviewPolicy, community_id)).experience_unreviewed


async def _tell(
    work: Work, kind: type[ArticleSubmitted | ArticleReturned], article: Article, version: ArticleVersion, by: UUID
) -> None:
    message = kind(
        community_id=article.community_id,
        article_id=article.id,
        kind=article.kind,
        title=version.title,
        author_ids=tuple(UUID(one) for one in version.author_ids),
        revision=version.number,
        submitted_by=by,
        group_id=article.group_id,
    )
    await emit(work.session, message, version=article.bump(), occurred_at=work.now)


# --- removed and restored ------------------------------------------------------------------------------------------


async def remove(work: Work, key: UUID) -> SeenArticle:
    """Take it away for all but its authors and moderators."""
    found = await seen_article(work, key, lock=True, of=CONTENT_REMOVE)
    refuse(found, "remove")
    return await turn(work, found, [*found.article.causes, found.as_], "remove")


async def restore(work: Work, key: UUID) -> SeenArticle:
    """Take back what the caller removed, as a moderator what any moderator did."""
    found = await seen_article(work, key, lock=True, of=CONTENT_RESTORE)
    refuse(found, "restore")
    return await turn(work, found, [cause for cause in found.article.causes if cause != found.as_], "restore")


async def turn(work: Work, found: SeenArticle, causes: list[str], action: Literal["remove", "restore"]) -> SeenArticle:
    """Give a locked article these live causes, and tell whether it is seen."""
    article, before = found.article, found.article.causes
    if removal.caused(article, causes, work.now) and article.published_at is not None:
        kind: type[ContentRemoval] = ArticleRemoved if causes else ArticleRestored
        told = removal.told(kind, about(article), article, found.as_, work.now)
        await deeds.tell(work.session, "shown", [told])
        await article_shown.happened(work.session, Shown(article, None))
    if not found.mine:
        await audit(work.session, work.caller, article, action, {"causes": [before, causes]}, work.now)
    return found
