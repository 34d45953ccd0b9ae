"""Messages of content and events about what members do, as those services would send them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts import content, events
from contracts.fields import ContentObject


def a_reply(community_id: UUID, author: UUID, *, at: datetime, reply_id: UUID | None = None, **options: Any):
    data = content.ReplyPosted(
        community_id=community_id,
        reply_id=reply_id or new_id(),
        kind="answer",
        discussion_id=new_id(),
        discussion_kind="question",
        discussion_author_id=new_id(),
        author_id=author,
    )
    return received(data, occurred_at=at, **options)


def an_article(community_id: UUID, *authors: UUID, at: datetime, kind: str = "material", **options: Any):
    data = content.ArticlePublished(
        community_id=community_id,
        article_id=new_id(),
        kind=kind,
        title="Reading well",
        visibility="internal",
        author_ids=authors,
        revision=1,
    )
    return received(data, occurred_at=at, **options)


def removed(published: Any, *, at: datetime, version: int = 2, restored: bool = False):
    data = published.data
    kinds: dict[type, tuple[str, Any, Any]] = {
        content.ReplyPosted: ("reply", content.ReplyRemoved, content.ReplyRestored),
        content.ArticlePublished: ("article", content.ArticleRemoved, content.ArticleRestored),
    }
    kind, removal, restoration = kinds[type(data)]
    object_id = getattr(data, f"{kind}_id")
    event = (restoration if restored else removal)(
        community_id=data.community_id,
        kind=kind,
        id=object_id,
        root_id=object_id,
        author_ids=getattr(data, "author_ids", None) or (data.author_id,),
        cause="moderator",
    )
    return received(event, occurred_at=at, version=version)


def a_like(community_id: UUID, author: UUID, *, by: UUID, at: datetime, on: UUID | None = None):
    target = on or new_id()
    data = content.ReactionAdded(
        community_id=community_id,
        reaction_id=new_id(),
        reaction="like",
        member_id=by,
        object=ContentObject(kind="reply", id=target, root_id=target, author_ids=(author,)),
    )
    return received(data, occurred_at=at)


def an_acceptance(community_id: UUID, answerer: UUID, *, asker: UUID, at: datetime, version: int = 2, **options: Any):
    data = content.AnswerAccepted(
        community_id=community_id,
        discussion_id=new_id(),
        reply_id=options.pop("reply_id", None) or new_id(),
        asker_id=asker,
        answerer_id=answerer,
        accepted_by=asker,
    )
    return received(data, occurred_at=at, version=version, **options)


def unaccepted(accepted: Any, *, at: datetime, version: int, **fields: Any):
    data = content.AnswerUnaccepted(**accepted.data.model_dump() | fields)
    return received(data, occurred_at=at, version=version)


def an_attendance(community_id: UUID, member: UUID, *, at: datetime, role: str = "attendee"):
    data = events.AttendanceRecorded(
        community_id=community_id,
        attendance_id=new_id(),
        activity_id=new_id(),
        activity_kind="sharing_session",
        member_id=member,
        role=role,
        extent="full",
        minutes=60,
        method="code",
    )
    return received(data, occurred_at=at)
