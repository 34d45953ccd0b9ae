"""What members have not read: of some discussions, and as a condition of a list.

New to a member is what somebody else wrote since their floor, beyond what they have read, as far as it is seen; an announcement
only to whom it is for.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Uuid,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling
from services.content.announcements.queries import is_for
from services.content.base import known
from services.content.bookmarks.models import Bookmark
from services.content.discussions.models import Discussion, DiscussionTag
from services.content.discussions.occasions import Looked, Reading
from services.content.reactions.models import Reaction
from services.content.replies.models import Reply
from services.content.subscriptions.models import Subscription
from services.content.threads.models import ReadFloor, ReadMark
from services.content.unnamed.masks import as_in_thread, worn_by

BOOKMARK, SUBSCRIPTION = "*bookmark", "*subscription"
"""Beside the kinds of reactions, what a member gives to a discussion."""

_members = known.members.c


def _is_new_reply(reader: Any, upto: Any, floor: Any) -> list[ColumnElement[bool]]:
    return [
        col(Reply.discussion_id) == col(Discussion.id),
        col(Reply.position) > func.coalesce(upto, 0),
        col(Reply.removed_at).is_(None),
        col(Reply.author_id) != reader,
        ~col(Reply.past),
        func.coalesce(col(Reply.seen_since), col(Reply.created_at)) >= floor,
    ]


def _is_new_itself(reader: Any, upto: Any, floor: Any) -> ColumnElement[bool]:
    """What nobody saw when the reader said that they had read everything is new, too."""
    was_hidden = and_(col(Discussion.hidden_since) < floor, col(Discussion.seen_since) >= floor)
    return and_(
        upto.is_(None),
        col(Discussion.author_id) != reader,
        col(Discussion.past_upto) < 0,
        or_(col(Discussion.created_at) >= floor, was_hidden),
    )


def _has_new_reply(reader: Any, upto: Any, floor: Any) -> ColumnElement[bool]:
    return and_(_may_have_new(upto, floor), exists().where(*_is_new_reply(reader, upto, floor)).correlate_except(Reply))


def _may_have_new(upto: Any, floor: Any) -> ColumnElement[bool]:
    """Follows from a new reply, and saves looking at the replies of most discussions."""
    return and_(
        col(Discussion.last_activity_at) >= floor,
        col(Discussion.last_position) > func.coalesce(upto, 0),
        col(Discussion.last_position) > col(Discussion.past_upto),
    )


def _of_reader(on: Spelling) -> CompoundSelect[*tuple[Any, ...]]:
    """Rows of what is unread, one for each discussion, and of what the reader gave."""
    reader, upto = as_in_thread(_members.id, col(Discussion.author_id)), col(ReadMark.read_upto)
    floor = case(
        (col(ReadFloor.read_before) > _members.joined_at, col(ReadFloor.read_before)), else_=_members.joined_at
    )
    first = select(col(Reply.id)).where(*_is_new_reply(reader, upto, floor)).correlate_except(Reply)
    unread = select(
        col(Discussion.id).label("discussion_id"),
        case((and_(_is_new_itself(reader, upto, floor), is_for(_members.id)), true()), else_=false()).label("new"),
        case(
            (
                and_(_may_have_new(upto, floor), is_for(_members.id)),
                first.order_by(col(Reply.position)).limit(1).scalar_subquery(),
            ),
            else_=cast(null(), Uuid),
        ).label("first_unread_reply_id"),
        cast(null(), String).label("given"),
    ).where(on.among(col(Discussion.id), "discussion_ids"), col(Discussion.removed_at).is_(None))
    member = known.members.outerjoin(ReadFloor, col(ReadFloor.member_id) == _members.id)
    unread = unread.join_from(Discussion, member, _members.community_id == col(Discussion.community_id)).outerjoin(
        ReadMark, and_(col(ReadMark.member_id) == reader, col(ReadMark.discussion_id) == col(Discussion.id))
    )

    def given(what: Any, by: Any, about: Any, *only: Any) -> Select[*tuple[Any, ...]]:
        """More rows: what members gave to these discussions."""
        return select(about, cast(null(), Boolean), cast(null(), Uuid), cast(what, String)).where(
            on.among(by, "member_ids"), on.among(about, "discussion_ids"), *only
        )

    return union_all(
        unread.where(on.among(_members.id, "member_ids")),
        given(col(Reaction.reaction), col(Reaction.member_id), col(Reaction.object_id), col(Reaction.given)),
        given(literal(BOOKMARK), col(Bookmark.member_id), col(Bookmark.object_id)),
        given(literal(SUBSCRIPTION), col(Subscription.member_id), col(Subscription.target_id), col(Subscription.is_on)),
    )


_OF_READER = Prepared(_of_reader)


async def reading_of(session: AsyncSession, looked: Looked) -> Mapping[UUID, Reading]:
    """What these discussions are to the members who look at them, in one statement."""
    rows = await _OF_READER.all(session, discussion_ids=list(looked.discussion_ids), member_ids=list(looked.member_ids))
    found: dict[UUID, Reading] = {}
    for row in rows:
        reading = found.setdefault(row.discussion_id, Reading())
        if row.given == BOOKMARK:
            reading.bookmarked = True
        elif row.given == SUBSCRIPTION:
            reading.subscribed = True
        elif row.given is not None:
            reading.reacted.append(row.given)
        else:
            reading.first_unread_reply_id = row.first_unread_reply_id
            reading.unread = bool(row.new) or row.first_unread_reply_id is not None
    for reading in found.values():
        reading.reacted.sort()
    return found


def unread_by(reader_ids: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a discussion is unread by the one of these members who belongs to its community."""
    return or_(false(), *map(_unread_by_one, reader_ids))


def _unread_by_one(reader: Any) -> ColumnElement[bool]:
    community = select(_members.community_id).where(_members.id == reader).scalar_subquery()
    joined = select(_members.joined_at.label("at")).where(_members.id == reader)
    said = select(col(ReadFloor.read_before)).where(col(ReadFloor.member_id) == reader)
    either = union_all(joined, said).subquery()
    here = as_in_thread(reader, col(Discussion.author_id))
    floor = select(func.max(either.c.at)).scalar_subquery()
    upto = (
        select(col(ReadMark.read_upto))
        .where(col(ReadMark.member_id) == here, col(ReadMark.discussion_id) == col(Discussion.id))
        .correlate(Discussion)
        .scalar_subquery()
    )
    return and_(
        col(Discussion.community_id) == community,
        col(Discussion.removed_at).is_(None),
        col(Discussion.last_activity_at) >= floor,
        or_(_is_new_itself(here, upto, floor), _has_new_reply(here, upto, floor)),
        is_for(reader),
    )


def bookmarked_by(reader_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether one of these members bookmarked a discussion."""
    kept = col(Bookmark.object_id) == col(Discussion.id)
    return or_(exists().where(col(Bookmark.member_id).in_(reader_ids), kept), _kept_unnamed(reader_ids, Bookmark, kept))


def followed_by(reader_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether one of these members follows a discussion, or a tag that it has."""
    mine = [col(Subscription.member_id).in_(reader_ids), col(Subscription.is_on)]
    followed = and_(col(Subscription.target_id) == col(Discussion.id), col(Subscription.is_on))
    itself = or_(exists().where(*mine, followed), _kept_unnamed(reader_ids, Subscription, followed))
    tagged = exists().where(
        *mine,
        col(Subscription.tag) == col(DiscussionTag.tag),
        col(Subscription.community_id) == col(Discussion.community_id),
        col(DiscussionTag.discussion_id) == col(Discussion.id),
    )
    return or_(itself, tagged)


def _kept_unnamed(
    reader_ids: Sequence[UUID], kind: type[Bookmark | Subscription], kept: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Of their own unnamed questions it is the mask that keeps and follows them."""
    return and_(
        col(Discussion.author_id).in_(worn_by(reader_ids)),
        exists().where(col(kind.member_id) == col(Discussion.author_id), kept),
    )
