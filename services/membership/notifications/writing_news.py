"""What content's messages about articles, ideas and what waits for an answer mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts import content, ideas
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import REMINDER_LAPSES, STAFF, Holds, Know, Step, Tell

ARTICLE_TITLE: Final = 400


def _to_authors(
    message: Received[Any], template: str, source: str, about: tuple[str, UUID], *, replaces: bool = False
) -> Tell:
    it = message.data
    return Tell(
        template,
        source,
        message.version,
        source,
        message.occurred_at,
        it.community_id,
        members=it.author_ids,
        about=about,
        params={"title": it.title},
        group_id=getattr(it, "group_id", None),
        unless_by=message.actor,
        replaces=replaces,
    )


def article_known(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what it is called is kept."""
    it = message.data
    owner = it.author_ids[0] if it.author_ids else None
    yield Know(it.article_id, "article", it.community_id, message.version, it.title[:ARTICLE_TITLE], owner, it.group_id)


def article_published(message: Received[Any]) -> Iterable[Step]:
    """The authors, unless they published it themselves."""
    yield from article_known(message)
    it = message.data
    yield _to_authors(message, "article.published", f"article:{it.article_id}", ("article", it.article_id))


def article_returned(message: Received[Any]) -> Iterable[Step]:
    """The authors."""
    it = message.data
    source = f"article_returned:{it.article_id}"
    yield _to_authors(message, "article.returned", source, ("article", it.article_id), replaces=True)


def removed(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of it is withdrawn."""
    yield Holds(f"article:{message.data.id}", message.version, live=False)


def restored(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of it comes back."""
    yield Holds(f"article:{message.data.id}", message.version, live=True)


def featured(message: Received[Any]) -> Iterable[Step]:
    """The authors."""
    it = message.data
    source = f"featured:{it.object.id}"
    yield Tell(
        "content.featured",
        source,
        message.version,
        source,
        message.occurred_at,
        it.community_id,
        members=it.object.author_ids,
        actor_id=it.by,
        about=(it.object.kind, it.object.id),
        title_of=it.object.root_id,
    )


def unfeatured(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of it is withdrawn."""
    yield Holds(f"featured:{message.data.object.id}", message.version, live=False)


def idea_decided(message: Received[Any]) -> Iterable[Step]:
    """The authors, of each step anew."""
    it = message.data
    yield _to_authors(message, "idea.decided", f"idea_decided:{it.idea_id}", ("idea", it.idea_id), replaces=True)


def idea_merged(message: Received[Any]) -> Iterable[Step]:
    """The authors."""
    it = message.data
    yield _to_authors(message, "idea.merged", f"idea_merged:{it.idea_id}", ("idea", it.merged_into))


def idea_voted(message: Received[Any]) -> Iterable[Step]:
    """The authors: all votes for one idea are one line."""
    it = message.data
    yield Tell(
        "idea.voted",
        f"vote:{it.idea_id}:{it.member_id}",
        message.version,
        f"votes:{it.idea_id}",
        message.occurred_at,
        it.community_id,
        members=it.author_ids,
        actor_id=it.member_id,
        about=("idea", it.idea_id),
        params={"title": it.title},
    )


def idea_unvoted(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of the vote is withdrawn."""
    yield Holds(f"vote:{message.data.idea_id}:{message.data.member_id}", message.version, live=False)


def question_overdue(message: Received[Any]) -> Iterable[Step]:
    """Owners and operators."""
    it = message.data
    source = f"overdue:{it.discussion_id}"
    yield Tell(
        "question.overdue",
        source,
        message.version,
        source,
        message.occurred_at,
        it.community_id,
        audience=STAFF,
        about=("discussion", it.discussion_id),
        params={"title": it.title},
    )


def reminder_due(message: Received[Any]) -> Iterable[Step]:
    """Who has not confirmed the announcement; nobody after an hour."""
    it = message.data
    yield Tell(
        "announcement.reminder",
        f"reminder:{message.subject}",
        message.version,
        f"announcement:{it.discussion_id}",
        message.occurred_at,
        it.community_id,
        members=it.member_ids,
        about=("discussion", it.discussion_id),
        title_of=it.discussion_id,
        params={"title": it.title},
        lapses_at=message.occurred_at + REMINDER_LAPSES,
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    content.ArticlePublished: article_published,
    content.ArticleRevised: article_known,
    content.ArticleReturned: article_returned,
    content.ArticleRemoved: removed,
    content.ArticleRestored: restored,
    content.ContentFeatured: featured,
    content.ContentUnfeatured: unfeatured,
    ideas.IdeaDecided: idea_decided,
    ideas.IdeaMerged: idea_merged,
    ideas.IdeaVoted: idea_voted,
    ideas.IdeaUnvoted: idea_unvoted,
    content.QuestionOverdue: question_overdue,
    content.ReminderDue: reminder_due,
}
