"""The archive of a session, written by who spoke there and is from outside; its authors may write it here, too."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import among
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND, refused
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.work import Work
from services.content.articles import service as articles
from services.content.articles.access import seen_article
from services.content.articles.conflicts import require_latest
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.schemas import ArticlePatch
from services.content.attachments.naming import add_named
from services.content.discussions.schemas import shown_status
from services.content.guests.models import Guest
from services.content.guests.occasions import GuestsGone
from services.content.guests.queries import guest_by_id
from services.content.markdown import rendered
from services.content.mentions import mentioned_before
from services.content.permissions import ARTICLES_WRITE
from services.content.sessions.schemas import SessionArchivePatch

_ABOUT: Prepared[UUID] = Prepared(
    select(col(Article.id)).where(col(Article.source_activity_id) == bindparam("activity_id"))
)


@dataclass(frozen=True, slots=True)
class SeenArchive:
    """The article about a session, and what was written of it last."""

    article: Article
    version: ArticleVersion

    @property
    def is_open(self) -> bool:
        """Whether somebody from outside may write: nobody else looks at it yet."""
        article = self.article
        return article.working == "draft" and article.published_at is None and article.removed_at is None


async def read(work: Work, activity_id: UUID) -> SeenArchive:
    """The archive, for a guest of the activity and for who may edit it. Raises `NOT_FOUND` while there is none."""
    if _guest(work) is None:
        found = await seen_article(work, await _about(work.session, activity_id), of=ARTICLES_WRITE)
        return await _latest(work, found.article)
    return await _latest(work, await _of_guest(work, activity_id, lock=False))


async def edit(work: Work, activity_id: UUID, body: SessionArchivePatch, if_match: int) -> SeenArchive:
    """Write the draft. A guest writes until it is submitted, and again when it is returned; others as they edit any article."""
    guest = _guest(work)
    values = body.model_dump(exclude_unset=True)
    if guest is None:
        key = await _about(work.session, activity_id)
        edited = await articles.edit(work, key, ArticlePatch(**values), if_match)
        return await _latest(work, edited.article)
    seen = await _latest(work, await _of_guest(work, activity_id, lock=True))
    article, version = seen.article, seen.version
    await require_latest(work.session, article, version, if_match)
    if not seen.is_open:
        raise refused("illegal_transition", state=shown_status(article))
    return await _write(work, guest, seen, {name: one for name, one in values.items() if one != getattr(version, name)})


async def _write(work: Work, guest: Caller, seen: SeenArchive, values: dict[str, Any]) -> SeenArchive:
    article, version = seen.article, seen.version
    if not values:
        return seen
    said = version.body
    if "body" in values:
        text = rendered(values["body"])
        html, mentions = mentioned_before(text, version.mentions)
        values |= {"body_html": html, "excerpt": text.excerpt, "mentions": mentions}
    known = await guest_by_id(work.session, guest.id)
    version.sqlmodel_update(values)
    version.edited_by, version.edited_at = guest.id, work.now
    version.outside_authors = version.outside_authors | {str(guest.id): known.name or ""}
    version.submitted_by = version.submitted_at = version.approved_by = version.publish_at = None
    article.version += 1
    articles.show(article, version, work.now)
    await work.session.flush()
    if "body" in values:
        await add_named(work, articles.naming(article), version.body, before=said)
    changes: dict[str, list[Any]] = {"number": [version.number, version.number], "fields": [None, sorted(values)]}
    await audit(work.session, work.caller, article, "update", changes, work.now)
    return seen


async def follow_gone(session: AsyncSession, gone: GuestsGone) -> None:
    """Who does not come after all is not named in a draft. What was published stays as it was."""
    theirs = select(col(Guest.activity_id)).where(
        among(session, col(Guest.invitation_id), list(gone.invitation_ids)), col(Guest.withdrawn).is_(True)
    )
    drafts = (
        select(Article)
        .where(col(Article.source_activity_id).in_(theirs), col(Article.published_at).is_(None))
        .order_by(col(Article.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    left = {str(one) for one in gone.invitation_ids}
    for article in list(await session.scalars(drafts)):
        if not left & article.outside_authors.keys():
            continue
        version = await session.get_one(ArticleVersion, (article.id, articles.latest(article)))
        version.outside_authors = {key: name for key, name in version.outside_authors.items() if key not in left}
        article.outside_authors = version.outside_authors
        article.version += 1
    await session.flush()


def _guest(work: Work) -> Caller | None:
    return work.caller if work.caller is not None and work.caller.kind == "guest" else None


async def _about(session: AsyncSession, activity_id: UUID) -> UUID:
    key = await _ABOUT.first(session, activity_id=activity_id)
    if key is None:
        raise NOT_FOUND()
    return key


async def _of_guest(work: Work, activity_id: UUID, *, lock: bool) -> Article:
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    article = await existing(work.session, Article, await _about(work.session, activity_id), lock=lock)
    await authorize(
        work.session,
        work.caller,
        work.permission,
        article.community_id,
        activity_id=article.source_activity_id,
        now=work.now,
    )
    if article.removed_at is not None:
        raise NOT_FOUND()
    return article


async def _latest(work: Work, article: Article) -> SeenArchive:
    return SeenArchive(article, await work.session.get_one(ArticleVersion, (article.id, articles.latest(article))))
