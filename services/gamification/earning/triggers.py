"""Which messages are deeds: whom they may pay, what they are about, and what rules may test of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.messaging.handlers import Received
from contracts import content, events
from contracts.base import IntegrationEvent
from contracts.membership import MemberJoined
from services.gamification.earning.rules import Occurrence
from services.gamification.earning.service import Target


def _deed(
    message: Received[Any],
    trigger: str,
    members: Sequence[UUID],
    target: tuple[str, UUID],
    *,
    beneficiary: str = "author",
    by: UUID | None = None,
    about: tuple[str, UUID] | None = None,
    **attributes: Any,
) -> Iterator[Occurrence]:
    for member_id in dict.fromkeys(members):
        yield Occurrence(
            source_id=message.id,
            trigger=trigger,
            community_id=message.data.community_id,
            member_id=member_id,
            occurred_at=message.occurred_at,
            target_kind=target[0],
            target_id=str(target[1]),
            beneficiary=beneficiary,
            own=by == member_id,
            attributes=attributes,
            backfill=message.backfill,
            about_kind=about[0] if about else None,
            about_id=str(about[1]) if about else None,
        )


def _joined(message: Received[MemberJoined]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "member.joined",
        [data.member_id],
        ("member", data.member_id),
        beneficiary="member",
        via=data.via,
        channel=data.channel,
    )


def _discussion(message: Received[content.DiscussionStarted]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "discussion.started",
        [data.author_id],
        ("discussion", data.discussion_id),
        kind=data.kind,
        tags=list(data.tags),
    )


def _reply(message: Received[content.ReplyPosted]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "reply.posted",
        [data.author_id],
        ("reply", data.reply_id),
        kind=data.kind,
        discussion_kind=data.discussion_kind,
        first_by_other=data.first_by_other,
    )


def _accepted(message: Received[content.AnswerAccepted]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "answer.accepted",
        [data.answerer_id],
        ("answer", data.reply_id),
        beneficiary="answerer",
        by=data.asker_id,
        about=("reply", data.reply_id),
        tags=list(data.tags),
    )


def _reaction(message: Received[content.ReactionAdded]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "reaction.added",
        data.object.author_ids,
        ("reaction", data.reaction_id),
        by=data.member_id,
        about=(data.object.kind, data.object.id),
        reaction=data.reaction,
        object_kind=data.object.kind,
        tags=list(data.tags),
    )


def _article(message: Received[content.ArticlePublished]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "article.published",
        data.author_ids,
        ("article", data.article_id),
        kind=data.kind,
        tags=list(data.tags),
        visibility=data.visibility,
    )


def _featured(message: Received[content.ContentFeatured]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "content.featured",
        data.object.author_ids,
        ("featured", data.object.id),
        about=(data.object.kind, data.object.id),
        object_kind=data.object.kind,
    )


def _attendance(message: Received[events.AttendanceRecorded]) -> Iterator[Occurrence]:
    data = message.data
    return _deed(
        message,
        "attendance.recorded",
        [data.member_id],
        ("attendance", data.attendance_id),
        beneficiary="member",
        activity_kind=data.activity_kind,
        role=data.role,
        extent=data.extent,
        minutes=data.minutes,
        method=data.method,
        walk_in=data.walk_in,
    )


DEEDS: dict[type[IntegrationEvent], Callable[[Received[Any]], Iterator[Occurrence]]] = {
    content.DiscussionStarted: _discussion,
    content.ReplyPosted: _reply,
    content.AnswerAccepted: _accepted,
    content.ReactionAdded: _reaction,
    content.ArticlePublished: _article,
    content.ContentFeatured: _featured,
    events.AttendanceRecorded: _attendance,
}
"""What each message is as occurrences; the welcome is apart, because it needs the wallet first."""


def occurrences_of(messages: Sequence[Received[Any]]) -> list[Occurrence]:
    """The occurrences of messages of the types in `DEEDS`."""
    return [occurrence for message in messages for occurrence in DEEDS[type(message.data)](message)]


def welcomes_of(messages: Sequence[Received[MemberJoined]]) -> list[Occurrence]:
    """The occurrences of joining."""
    return [occurrence for message in messages for occurrence in _joined(message)]


def causes_of(messages: Sequence[Received[Any]]) -> Mapping[UUID, Received[Any]]:
    """The messages by id: their trace goes on in what they cause."""
    return {message.id: message for message in messages}


REMOVALS: tuple[type[content.ContentRemoval], ...] = (
    content.ArticleRemoved,
    content.DiscussionRemoved,
    content.ReplyRemoved,
)
RESTORATIONS: tuple[type[content.ContentRemoval], ...] = (
    content.ArticleRestored,
    content.DiscussionRestored,
    content.ReplyRestored,
)
UNDOING: tuple[type[IntegrationEvent], ...] = (
    *REMOVALS,
    *RESTORATIONS,
    content.AnswerUnaccepted,
    content.ContentUnfeatured,
    content.ReactionRemoved,
    events.AttendanceRevoked,
)
REDOING: tuple[type[IntegrationEvent], ...] = (content.AnswerAccepted, content.ContentFeatured)
"""Deeds that may come again after they were undone."""


def states_after(messages: Sequence[Received[Any]]) -> tuple[dict[Target, tuple[str, int]], set[UUID]]:
    """What the messages make of the things that were paid for, each by its newest message, and the members it concerns."""
    changes: dict[Target, tuple[str, int]] = {}
    members: set[UUID] = set()
    for message in messages:
        target, state, beneficiaries = _undone(message.data)
        members.update(beneficiaries)
        if target not in changes or changes[target][1] < message.version:
            changes[target] = (state, message.version)
    return changes, members


def _undone(data: Any) -> tuple[Target, str, Sequence[UUID]]:
    match data:
        case content.ContentRemoval():
            state = "removed" if isinstance(data, REMOVALS) else "counts"
            return Target(data.kind, str(data.id)), state, data.author_ids
        case content.AnswerChange():
            state = "counts" if isinstance(data, content.AnswerAccepted) else "removed"
            return Target("answer", str(data.reply_id)), state, [data.answerer_id]
        case content.FeatureChange():
            state = "counts" if isinstance(data, content.ContentFeatured) else "removed"
            return Target("featured", str(data.object.id)), state, data.object.author_ids
        case content.ReactionRemoved():
            return Target("reaction", str(data.reaction_id)), "removed", data.object.author_ids
        case events.AttendanceRevoked():
            return Target("attendance", str(data.attendance_id)), "removed", [data.member_id]
        case _:
            raise TypeError(f"{type(data).__name__} undoes nothing")
