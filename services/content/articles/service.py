"""Use cases of articles: drafting one, changing what it says, and bringing a version before readers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_many
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID, NOT_FOUND, refused
from chassis.security.authority import authorize
from chassis.web.work import Work
from contracts.content import ArticlePublished, ArticleRevised
from services.content.articles import origin
from services.content.articles.access import SeenArticle, is_among, seen_article, works_on_all
from services.content.articles.conflicts import require_latest
from services.content.articles.models import Article, ArticleAuthor, ArticleTag, ArticleVersion
from services.content.articles.occasions import ArticleEdited, Shown, article_edited, article_shown
from services.content.articles.placing import PLACED, place
from services.content.articles.problems import NOT_AMONG_AUTHORS, UNKNOWN_MEMBER, no_member
from services.content.articles.queries import members_among
from services.content.articles.rules import refusal
from services.content.articles.schemas import ArticleCreate, ArticlePatch
from services.content.attachments.naming import add_named, show_named
from services.content.attachments.occasions import Named
from services.content.collections.service import require_collection
from services.content.deeds.service import Aspect, deeds
from services.content.discussions.schemas import shown_status
from services.content.groups import DISSOLVED, require_open
from services.content.holding.service import mended, withdraw
from services.content.markdown import rendered
from services.content.mentions import mentioned
from services.content.permissions import ARTICLES_WRITE

SHOWN = ("title", "summary", "excerpt", "tags", "visibility", "source", "author_ids", "outside_authors")
"""What lists show of a version."""


async def draft(work: Work, body: ArticleCreate) -> SeenArticle:
    """Begin an article. Raises `UNKNOWN_MEMBER`, `NO_ACCEPTED_ANSWER`, what `require_open` raises."""
    standing = await authorize(work.session, work.caller, ARTICLES_WRITE, body.community_id, own=True, now=work.now)
    await require_open(work.session, standing, body.group_id)
    by = standing.member_id
    if by is None:
        raise NOT_FOUND()
    drawn = await origin.drawn_from(work, body)
    author_ids = body.author_ids or [by]
    await require_collection(work.session, body.community_id, body.collection_id)
    may_leave_out = works_on_all(standing)
    where = (body.community_id, body.group_id)
    await _check_authors(work.session, where, author_ids, by=by, may_leave_out=may_leave_out)
    text = rendered(drawn.body)
    html, mentions = await mentioned(work, body.community_id, text, group_id=body.group_id)
    said: dict[str, Any] = {
        "title": drawn.title,
        "summary": body.summary,
        "excerpt": text.excerpt,
        "tags": drawn.tags,
        "visibility": body.visibility or ("private" if body.group_id else standing.community.visibility),
        "source": body.source.model_dump() if body.source else None,
        "author_ids": [str(one) for one in author_ids],
    }
    about = body.model_dump(include={"community_id", "group_id", "kind", "collection_id", "download"}) | dict(
        drawn.origin
    )
    written: dict[str, Any] = {"body": drawn.body, "body_html": html, "mentions": mentions}
    article = await begin(work.session, about, said, written, by=by, now=work.now)
    await add_named(work, naming(article), drawn.body)
    return SeenArticle(article, standing)


async def begin(
    session: AsyncSession,
    about: dict[str, Any],
    said: dict[str, Any],
    written: dict[str, Any],
    *,
    by: UUID,
    wrote: bool = True,
    now: datetime,
) -> Article:
    """Write a draft and its first version. `wrote`: whether `by` wrote it, or somebody is only named for what nobody did."""
    moments: dict[str, Any] = {"created_at": now, "dated_at": now, "edited_at": now}
    article = Article(**about, **said, worker_ids=said["author_ids"], working="draft", **moments)
    session.add(article)
    await session.flush()
    editors = [str(by)] if wrote else []
    version = ArticleVersion(
        article_id=article.id, number=1, **written, **said, editor_ids=editors, edited_by=by, edited_at=now
    )
    session.add(version)
    await session.flush()
    await index(session, article, version)
    return article


async def edit(work: Work, key: UUID, body: ArticlePatch, if_match: int) -> SeenArticle:
    """Change the version under way, or begin one: whoever has to approve it, has to read it anew.

    Raises `PRECONDITION_FAILED` with the newer version, `UNKNOWN_MEMBER`.
    """
    found = await seen_article(work, key, lock=True, of=ARTICLES_WRITE)
    article, by = found.article, found.standing.member_id
    if by is None:
        raise NOT_FOUND()
    before = await work.session.get_one(ArticleVersion, (article.id, latest(article)))
    await require_latest(work.session, article, before, if_match)
    refuse(found, "update")
    given = body.model_dump(exclude_unset=True, include=set(PLACED))
    changes = await place(work, article, given)
    values = await _said(work, found, body, before)
    await article_edited.happened(work.session, ArticleEdited(article, by, work.now))
    if not values and not changes:
        return found
    article.version += 1
    if values:
        changes |= await _write(work, article, values, before, by)
    if not found.mine:
        await audit(work.session, work.caller, article, "update", changes, work.now)
    return found


async def _write(
    work: Work, article: Article, values: dict[str, Any], before: ArticleVersion, by: UUID
) -> dict[str, list[Any]]:
    if article.working == "held":
        await withdraw(work.session, article.id, work.now, ends=False)
    version, said = before, before.body
    if article.working is None:
        version = begun(article, before)
        work.session.add(version)
    version.sqlmodel_update(values)
    version.state, version.edited_by, version.edited_at = "draft", by, work.now
    version.submitted_by = version.submitted_at = version.approved_by = version.publish_at = None
    version.editor_ids = list(dict.fromkeys([*version.editor_ids, str(by)]))
    set_working(article, "draft")
    if article.published_at is None:
        show(article, version, work.now)
    await work.session.flush()
    if "body" in values:
        await add_named(work, naming(article), values["body"], before=said)
    await index(work.session, article, version)
    return {"number": [before.number, version.number], "fields": [None, sorted(values)]}


async def _said(work: Work, found: SeenArticle, body: ArticlePatch, before: ArticleVersion) -> dict[str, Any]:
    """What a patch changes of a version."""
    values = body.model_dump(exclude_unset=True, exclude=set(PLACED), mode="json")
    if body.author_ids:
        own = found.standing.member_id
        leaves = works_on_all(found.standing) or not is_among(found.standing, before.author_ids)
        await _check_authors(
            work.session,
            (found.article.community_id, found.article.group_id),
            body.author_ids,
            by=own,
            may_leave_out=leaves,
            known=before.author_ids,
        )
    if "source" in values and found.article.kind != "industry_news":
        raise INVALID(errors=[origin.NO_SOURCE])
    values = {name: value for name, value in values.items() if value != getattr(before, name)}
    if "body" in values:
        text = rendered(values["body"])
        where = found.article
        html, mentions = await mentioned(work, where.community_id, text, group_id=where.group_id)
        values |= {"body_html": html, "excerpt": text.excerpt, "mentions": mentions}
    return values


def begun(article: Article, before: ArticleVersion) -> ArticleVersion:
    """The next version, which says the same as the one before it."""
    article.versions += 1
    kept: dict[str, Any] = {name: getattr(before, name) for name in (*SHOWN, "body", "body_html", "mentions")}
    return ArticleVersion(
        article_id=article.id,
        number=article.versions,
        **kept,
        edited_by=before.edited_by,
        edited_at=before.edited_at,
    )


async def _check_authors(
    session: AsyncSession,
    where: tuple[UUID, UUID | None],
    ids: Sequence[UUID],
    *,
    by: UUID | None,
    may_leave_out: bool,
    known: Sequence[str] = (),
) -> None:
    """Who was an author stays one, although they left since. `where`: the community, and the group if it stands in one."""
    if by not in ids and not may_leave_out:
        raise INVALID(errors=[NOT_AMONG_AUTHORS])
    new = [one for one in ids if str(one) not in known]
    here = await members_among(session, where[0], new, group_id=where[1])
    if wrong := [no_member(ids.index(one)) for one in new if one not in here]:
        raise UNKNOWN_MEMBER(errors=wrong)


async def publish(session: AsyncSession, article: Article, version: ArticleVersion, at: datetime) -> None:
    """Let readers see a version from now on; its article is locked."""
    await show_named(session, article.id, version.body, again=article.published_at is not None)
    aspect, told = let_read(article, version, at)
    await index(session, article, version)
    if aspect == "revised":
        # What members reported says this now.
        await mended(session, article.id, text_of(version), at)
    await deeds.tell(session, aspect, [told])
    await article_shown.happened(session, Shown(article, rendered(version.body).plain))


def let_read(article: Article, version: ArticleVersion, at: datetime) -> tuple[Aspect, Outgoing]:
    """Make it the version that readers see; returns what is told of that."""
    first = article.published_at is None
    version.state, version.published_at = "published", at
    article.number, article.status, article.working = version.number, "published", None
    if first:
        article.published_at = article.dated_at = at
    article.version += 1
    show(article, version, at)
    kind = ArticlePublished if first else ArticleRevised
    message = kind(
        community_id=article.community_id,
        article_id=article.id,
        kind=article.kind,
        title=article.title,
        tags=tuple(article.tags),
        visibility=article.visibility,
        author_ids=author_ids(article),
        revision=version.number,
        source_discussion_id=article.source_discussion_id,
        source_activity_id=article.source_activity_id,
        group_id=article.group_id,
    )
    return "made" if first else "revised", Outgoing(message, article.bump(), at)


def text_of(version: ArticleVersion) -> dict[str, Any]:
    """What a version says, as moderators read it."""
    return {name: getattr(version, name) for name in ("title", "summary", "body", "tags")}


def naming(article: Article) -> Named:
    """A version of an article that is not shown yet as what names files."""
    return Named("article", article.id, article.community_id, shown=False)


def latest(article: Article) -> int:
    """The number of the version under way, or of the one that is shown."""
    return article.number if article.working is None else article.versions


def set_working(article: Article, state: str) -> None:
    """Say how far the version under way is."""
    article.working = state
    if article.published_at is None:
        article.status = state


def author_ids(article: Article) -> tuple[UUID, ...]:
    """Those whom readers see named."""
    return tuple(UUID(one) for one in article.author_ids)


def refused_by(found: SeenArticle, action: str) -> str | None:
    """What its state says against an action."""
    article = found.article
    return refusal(
        action,
        status=article.status,
        working=article.working,
        causes=article.causes,
        as_=found.as_,
        featured=article.featured_at is not None,
        group=article.group_id is not None,
        dissolved=found.dissolved,
    )


def refuse(found: SeenArticle, action: str) -> None:
    """Raise what its state says against an action."""
    article = found.article
    code = refused_by(found, action)
    if code is not None:
        raise refused(code, state=DISSOLVED if found.dissolved else shown_status(article))


def show(article: Article, version: ArticleVersion, now: datetime) -> None:
    """Let lists say what this version does."""
    article.sqlmodel_update({name: getattr(version, name) for name in SHOWN})
    article.edited_at = now


async def index(session: AsyncSession, article: Article, version: ArticleVersion) -> None:
    """Write down by whom and about what it is, for lists. `version` is the one under way, or the one that is shown."""
    article.worker_ids = list(dict.fromkeys([*article.author_ids, *version.author_ids]))
    await session.execute(delete(ArticleAuthor).where(col(ArticleAuthor.article_id) == article.id))
    await session.execute(delete(ArticleTag).where(col(ArticleTag.article_id) == article.id))
    authors = [
        {"article_id": article.id, "member_id": UUID(one), "shown": one in article.author_ids}
        for one in article.worker_ids
    ]
    tags = [{"article_id": article.id, "tag": tag, "community_id": article.community_id} for tag in article.tags]
    await insert_many(session, ArticleAuthor.__table__, authors)  # type: ignore[attr-defined]
    await insert_many(session, ArticleTag.__table__, tags)  # type: ignore[attr-defined]
