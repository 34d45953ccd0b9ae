"""Use cases of drafts: one for each member and place, until it is posted or nobody has touched it for 30 days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Table, bindparam, delete, or_, select, tuple_
from sqlalchemy.orm import defer
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.listing import Listing
from chassis.database.statements import Prepared
from chassis.ids import is_mask
from chassis.problems import INVALID, NOT_FOUND, PRECONDITION_FAILED
from chassis.security.authority import Standing, authorize
from chassis.timers import Timer, Timers
from chassis.web.etags import ABSENT, ANY_VERSION, require_match
from chassis.web.work import Work
from services.content.articles.access import seen_article
from services.content.articles.occasions import ArticleEdited
from services.content.attachments.naming import keep_usable, let_go
from services.content.attachments.occasions import DRAFT, Named
from services.content.discussions.access import seen
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Written
from services.content.discussions.schemas import DiscussionCreate
from services.content.drafts.models import Draft
from services.content.drafts.problems import TOO_LARGE
from services.content.drafts.rules import first_words, key_of
from services.content.drafts.schemas import DraftListed, DraftPublic, DraftPut
from services.content.groups import reader_of
from services.content.replies.access import seen_reply
from services.content.replies.occasions import ReplyEdited, ReplyWritten
from services.content.unnamed.masks import behind, masks_of, members_of, worn_by

KEPT_FOR: Final = timedelta(days=30)
LARGEST: Final = 64 * 1024
MOST: Final = 100
"""Drafts of one member; a new one more, and the oldest goes."""
_AT_ONCE: Final = 1000
_DRAFTS: Table = Draft.__table__  # type: ignore[attr-defined]

_POSTED: Prepared[Any] = Prepared(
    delete(_DRAFTS).where(_DRAFTS.c.member_id == bindparam("member_id"), _DRAFTS.c.target == bindparam("target"))
)

timers = Timers()


async def put(work: Work, target: str, body: DraftPut, if_match: int) -> Draft:
    """Keep what the caller is writing there, in the place of the version that they read. Raises `INVALID` where it is too large."""
    said_now = orjson.dumps(body.form)
    if len(said_now) > LARGEST:
        raise INVALID(errors=[TOO_LARGE])
    place = await _place(work, target)
    community_id, member_id = place.community_id, place.member_id
    said = {
        "group_id": place.group_id,
        "place_title": place.title,
        "title": first_words(body.form.get("title")) or None,
        "excerpt": first_words(body.form.get("body")) or None,
        "form": body.form,
        "based_on": body.based_on,
        "changed_at": work.now,
    }
    row = {"member_id": member_id, "target": target, "community_id": community_id, "version": 1, **said}
    new = await insert_new(work.session, _DRAFTS, [row], key=["member_id", "target"])
    draft = await _kept(work, member_id, target, lock=True)
    if draft is None:
        raise NOT_FOUND()
    if new:
        if if_match not in (ABSENT, ANY_VERSION):
            # Posted or forgotten elsewhere: it does not come back by itself.
            raise PRECONDITION_FAILED()
        await _drop_oldest(work.session, member_id, work.now)
        before = None
    else:
        if not _is_old(draft, work.now):
            require_match(draft.version, if_match)
        before = orjson.dumps(draft.form).decode()
        draft.sqlmodel_update(said)
        draft.version += 1
        await work.session.flush()
    mask = member_id if is_mask(member_id) else None
    named = Named(DRAFT, key_of(member_id, target), community_id, shown=False, mask=mask)
    await keep_usable(work, named, said_now.decode(), before=before)
    return draft


async def read(work: Work, target: str) -> Draft:
    """What the caller is writing there. Raises `NOT_FOUND`."""
    member_id = (await _place(work, target)).member_id
    draft = await _kept(work, member_id, target)
    if draft is None or _is_old(draft, work.now):
        raise NOT_FOUND()
    return draft


async def drop(work: Work, target: str) -> None:
    """Forget it. Again, it changes nothing."""
    member_id = (await _place(work, target)).member_id
    await _drop(work.session, member_id, target, work.now)


async def listing(work: Work, community_id: UUID) -> Listing:
    """The caller's drafts in a community, the latest first, without their forms: a hundred of those are megabytes."""
    standing = await _standing_in(work, community_id)
    member_id = _member(standing)
    without_form = defer(col(Draft.form), raiseload=True)  # type: ignore[arg-type]  # what `col` gives is such an attribute
    mine = (
        select(Draft)
        .options(without_form)
        .where(
            col(Draft.community_id) == community_id,
            or_(col(Draft.member_id) == member_id, col(Draft.member_id).in_(worn_by([member_id]))),
            col(Draft.changed_at) > work.now - KEPT_FOR,
            reader_of(standing).sees(col(Draft.group_id), col(Draft.community_id)),
        )
    )
    return Listing(mine, [col(Draft.changed_at).desc(), col(Draft.target).desc()])


def listed(draft: Any) -> DraftListed:
    """A draft in a list."""
    return DraftListed(**_said(draft))


def shown(draft: Draft) -> DraftPublic:
    """A draft as its member reads it."""
    return DraftPublic(form=draft.form, **_said(draft))


def _said(draft: Any) -> dict[str, Any]:
    said = {name: getattr(draft, name) for name in DraftListed.model_fields if name != "expires_at"}
    return said | {"expires_at": draft.changed_at + KEPT_FOR}


async def follow_written(session: AsyncSession, written: Written) -> bool:
    """A member posted a discussion, or their edit of one: it is no draft any more."""
    one = written.discussion
    if not isinstance(written.asked, DiscussionCreate):
        await _drop(session, one.author_id, f"edit.{one.id}", written.now)
        return False
    # It was begun under their name.
    member_id = (await behind(session, [one.author_id])).get(one.author_id, one.author_id)
    await _drop(session, member_id, f"discussion.{one.community_id}", written.now)
    return False


async def follow_replied(session: AsyncSession, written: ReplyWritten) -> None:
    """A member posted a reply: it is no draft any more."""
    one = written.reply
    await _drop(session, one.author_id, f"reply.{one.parent_reply_id or one.discussion_id}", one.created_at)


async def follow_reply_edited(session: AsyncSession, edited: ReplyEdited) -> None:
    """A member sent their edit of a reply: it is no draft any more."""
    await _drop(session, edited.reply.author_id, f"edit.{edited.reply.id}", edited.now)


async def follow_article_edited(session: AsyncSession, edited: ArticleEdited) -> None:
    """A member sent their edit of an article: it is no draft any more."""
    await _drop(session, edited.member_id, f"article.{edited.article.id}", edited.now)


async def _drop(session: AsyncSession, member_id: UUID, target: str, now: datetime) -> None:
    if await _POSTED.run(session, member_id=member_id, target=target):
        await let_go(session, [key_of(member_id, target)], now)


@timers.every(timedelta(hours=1), kind="drafts.forget")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Delete those that nobody has touched for 30 days; who keeps one again at this moment keeps it."""
    old = select(_DRAFTS.c.member_id, _DRAFTS.c.target).where(_DRAFTS.c.changed_at <= timer.now - KEPT_FOR)
    await _delete(session, old.limit(_AT_ONCE).with_for_update(skip_locked=True), timer.now)


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """What a person was writing goes at once."""
    written_by = _DRAFTS.c.member_id
    theirs = or_(written_by.in_(members_of(person_id)), written_by.in_(masks_of(person_id)))
    all_ = select(_DRAFTS.c.member_id, _DRAFTS.c.target).where(theirs)
    await _delete(session, all_.with_for_update(), now)


async def _drop_oldest(session: AsyncSession, member_id: UUID, now: datetime) -> None:
    mine = select(_DRAFTS.c.member_id, _DRAFTS.c.target).where(_DRAFTS.c.member_id == member_id)
    latest_first = mine.order_by(_DRAFTS.c.changed_at.desc(), _DRAFTS.c.target.desc())
    await _delete(session, latest_first.offset(MOST).limit(_AT_ONCE).with_for_update(skip_locked=True), now)


async def _delete(session: AsyncSession, doomed: Any, now: datetime) -> None:
    keys = [tuple(row) for row in (await session.execute(doomed)).all()]
    if keys:
        await session.execute(delete(_DRAFTS).where(tuple_(_DRAFTS.c.member_id, _DRAFTS.c.target).in_(keys)))
        await let_go(session, [key_of(*key) for key in keys], now)


def _is_old(draft: Draft, now: datetime) -> bool:
    return draft.changed_at <= now - KEPT_FOR


async def _kept(work: Work, member_id: UUID, target: str, *, lock: bool = False) -> Draft | None:
    return await work.session.get(Draft, (member_id, target), with_for_update=lock or None, populate_existing=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is written, and by which member."""

    community_id: UUID
    member_id: UUID
    title: str | None = None
    group_id: UUID | None = None


async def _place(work: Work, target: str) -> _Place:
    """A place that the caller sees. Raises `NOT_FOUND`, and what `authorize` raises."""
    kind, _, key = target.partition(".")
    place_id = UUID(key)
    if kind == "discussion":
        return _Place(place_id, _member(await _standing_in(work, place_id)))
    if kind == "article":
        found = await seen_article(work, place_id)
        article = found.article
        return _Place(article.community_id, _member(found.standing), article.title, article.group_id)
    # What one replies to, and what one edits.
    if await work.session.get(Discussion, place_id) is None:
        thread = (await seen_reply(work, place_id)).thread
    else:
        thread = await seen(work, place_id)
    one = thread.discussion
    return _Place(one.community_id, _member(thread.standing), one.title, one.group_id)


async def _standing_in(work: Work, community_id: UUID) -> Standing:
    if work.permission is None:
        raise TypeError("operations of drafts declare a permission")
    return await authorize(work.session, work.caller, work.permission, community_id, own=True, now=work.now)


def _member(standing: Standing) -> UUID:
    if standing.member_id is None:
        raise NOT_FOUND()
    return standing.member_id
