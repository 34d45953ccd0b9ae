"""What content's messages about discussions mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import content
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import Follow, Holds, Know, Step, Tell


def _discussion(message: Received[Any]) -> Know:
    it = message.data
    return Know(it.discussion_id, "discussion", it.community_id, message.version, it.title, it.author_id, it.group_id)


def discussion_started(message: Received[Any]) -> Iterable[Step]:
    """Whom it mentions; an announcement all whom it is for."""
    it = message.data
    yield _discussion(message)
    about, source = ("discussion", it.discussion_id), f"discussion:{it.discussion_id}"
    common = {"at": message.occurred_at, "community_id": it.community_id, "actor_id": it.author_id, "about": about}
    common["group_id"] = it.group_id
    if it.mentions:
        yield Tell(
            "discussion.mention",
            source,
            message.version,
            f"mentions:{it.discussion_id}",
            members=it.mentions,
            params={"title": it.title},
            **common,
        )
    if it.kind == "announcement":
        yield Tell(
            "announcement",
            source,
            message.version,
            f"announcement:{it.discussion_id}",
            audience=it.audience or {},
            params={"title": it.title},
            **common,
        )


def discussion_updated(message: Received[Any]) -> Iterable[Step]:
    """What it is called now."""
    yield _discussion(message)


def reply_posted(message: Received[Any]) -> Iterable[Step]:
    """Whom it mentions, whose reply it comments on, who asked, and who follows."""
    it = message.data
    yield Know(it.reply_id, "reply", it.community_id, message.version, None, it.author_id, it.group_id)
    common: dict[str, Any] = {
        "at": message.occurred_at,
        "community_id": it.community_id,
        "actor_id": it.author_id,
        "about": ("reply", it.reply_id),
        "title_of": it.discussion_id,
        "group_id": it.group_id,
    }
    source, version = f"reply:{it.reply_id}", message.version
    if it.mentions:
        # One line for the discussion: else whoever names the same people in a hundred replies fills their inboxes and mails them each.
        thread = f"mentions:{it.discussion_id}"
        yield Tell("reply.mention", source, version, thread, members=it.mentions, **common)
    if it.parent_id is not None:
        yield Tell("reply.comment", source, version, f"comments:{it.parent_id}", owner_of=it.parent_id, **common)
    thread = f"replies:{it.discussion_id}"
    yield Tell("reply.yours", source, version, thread, members=(it.discussion_author_id,), **common)
    yield Tell("reply.followed", source, version, thread, followers_of=it.discussion_id, **common)


def answer_accepted(message: Received[Any]) -> Iterable[Step]:
    """Who answered."""
    it = message.data
    yield Tell(
        "answer.accepted",
        f"answer:{it.reply_id}",
        message.version,
        f"answer:{it.reply_id}",
        message.occurred_at,
        it.community_id,
        members=(it.answerer_id,),
        actor_id=it.accepted_by,
        about=("reply", it.reply_id),
        title_of=it.discussion_id,
    )


def answer_unaccepted(message: Received[Any]) -> Iterable[Step]:
    """It holds no more."""
    yield Holds(f"answer:{message.data.reply_id}", message.version, live=False)


def reaction_added(message: Received[Any]) -> Iterable[Step]:
    """Who wrote it; all reactions to one thing are one line."""
    it = message.data
    yield Tell(
        "reaction",
        f"reaction:{it.reaction_id}",
        message.version,
        f"reactions:{it.object.id}",
        message.occurred_at,
        it.community_id,
        members=it.object.author_ids,
        actor_id=it.member_id,
        about=(it.object.kind, it.object.id),
        title_of=it.object.root_id,
    )


def reaction_removed(message: Received[Any]) -> Iterable[Step]:
    """It holds no more."""
    yield Holds(f"reaction:{message.data.reaction_id}", message.version, live=False)


def _holds(message: Received[Any], *, live: bool) -> Iterable[Step]:
    it = message.data
    yield Holds(f"{it.kind}:{it.id}", message.version, live=live)


def removed(message: Received[Any]) -> Iterable[Step]:
    """Nobody is to be told of it any more."""
    return _holds(message, live=False)


def restored(message: Received[Any]) -> Iterable[Step]:
    """It may be told of again."""
    return _holds(message, live=True)


def subscription_changed(message: Received[Any]) -> Iterable[Step]:
    """Who follows a discussion."""
    it = message.data
    if it.target.kind == "discussion" and it.target.id is not None:
        yield Follow(it.target.id, it.member_id, message.version, it.on)


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    content.DiscussionStarted: discussion_started,
    content.DiscussionUpdated: discussion_updated,
    content.DiscussionRemoved: removed,
    content.DiscussionRestored: restored,
    content.ReplyPosted: reply_posted,
    content.ReplyRemoved: removed,
    content.ReplyRestored: restored,
    content.AnswerAccepted: answer_accepted,
    content.AnswerUnaccepted: answer_unaccepted,
    content.ReactionAdded: reaction_added,
    content.ReactionRemoved: reaction_removed,
    content.SubscriptionChanged: subscription_changed,
}
