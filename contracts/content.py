"""Messages of content: articles, discussions, replies, reactions. `member_id` and author ids name members.

In unnamed questions a mask stands in the place of who asked, an id of UUID version 8: nobody is found by it, and nobody is paid. Their messages
say of nobody who brought them about.
"""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from contracts.base import IntegrationEvent
from contracts.fields import ContentObject, Part, known
from contracts.pieces import FeatureChange, ReactionChange
from contracts.texts import TextObject

ArticleKind = Annotated[str, known("material", "case_study", "industry_news", "experience", "guide", "session_archive")]
DiscussionKind = Annotated[str, known("topic", "question", "poll", "help_request", "announcement")]
Visibility = Annotated[str, known("public", "internal", "private")]


# --- articles ------------------------------------------------------------------------------------------------------


class ArticleWork(IntegrationEvent):
    """A step of a draft on its way to publication."""

    community_id: UUID
    article_id: UUID
    kind: ArticleKind
    title: str
    author_ids: tuple[UUID, ...]
    revision: int
    submitted_by: UUID
    group_id: UUID | None = None


class ArticleSubmitted(ArticleWork, type="content.article.submitted", subject="article_id"):
    """An article waits for review."""


class ArticleReturned(ArticleWork, type="content.article.returned", subject="article_id"):
    """An article went back to its authors."""


class ArticleState(IntegrationEvent):
    """A published article; no body. `group_id`: only the members of that group read it."""

    community_id: UUID
    article_id: UUID
    kind: ArticleKind
    title: str
    tags: tuple[str, ...] = ()
    visibility: Visibility
    author_ids: tuple[UUID, ...]
    revision: int
    source_activity_id: UUID | None = None
    source_discussion_id: UUID | None = None
    group_id: UUID | None = None


class ArticlePublished(ArticleState, type="content.article.published", subject="article_id"):
    """Members can see it since `time`."""


class ArticleRevised(ArticleState, type="content.article.revised", subject="article_id"):
    """A new revision is live."""


class ArticleRead(
    IntegrationEvent, type="content.article.read", subject="article_id", key="article_id", restricted=True
):
    """A member read an article; `progress` is from 0 to 1. The subject is made of both."""

    community_id: UUID
    article_id: UUID
    member_id: UUID
    progress: float
    finished: bool
    tags: tuple[str, ...] = ()

    def subject(self) -> str:
        """Made of `article_id` and `member_id`."""
        return str(uuid5(self.article_id, str(self.member_id)))


class ArticleRated(
    IntegrationEvent, type="content.article.rated", subject="article_id", key="article_id", restricted=True
):
    """A member rated an article from 1 to 5, or rated it anew. The subject is made of both, as that of reading it."""

    community_id: UUID
    article_id: UUID
    member_id: UUID
    rating: int

    def subject(self) -> str:
        """Made of `article_id` and `member_id`."""
        return str(uuid5(self.article_id, str(self.member_id)))


class ArticleArchived(IntegrationEvent, type="content.article.archived", subject="article_id"):
    """An article is out of date and no longer listed."""

    community_id: UUID
    article_id: UUID
    author_ids: tuple[UUID, ...]


# --- discussions ---------------------------------------------------------------------------------------------------


class DiscussionState(IntegrationEvent):
    """A discussion; no body. `group_id`: only the members of that group read it."""

    community_id: UUID
    discussion_id: UUID
    kind: DiscussionKind
    title: str
    tags: tuple[str, ...] = ()
    author_id: UUID
    mentions: tuple[UUID, ...] = ()
    answer_due_at: datetime | None = None
    audience: dict[str, Any] | None = None
    visibility: Visibility | None = None
    group_id: UUID | None = None


class DiscussionStarted(DiscussionState, type="content.discussion.started", subject="discussion_id"):
    """Members can see it since `time`."""


class DiscussionUpdated(DiscussionState, type="content.discussion.updated", subject="discussion_id"):
    """Its title, text, tags or status changed."""

    status: Annotated[str, known("open", "locked", "closed")]


class DiscussionMerged(IntegrationEvent, type="content.discussion.merged", subject="discussion_id"):
    """It is a duplicate of another, which may be merged itself, before or after: its replies count there, and it in no metric.

    Nobody loses what they earned by it. Later messages of its replies name the other as their root.
    """

    community_id: UUID
    discussion_id: UUID
    into_id: UUID


class AnnouncementAcknowledged(
    IntegrationEvent,
    type="content.announcement.acknowledged",
    subject="discussion_id",
    key="member_id",
    restricted=True,
):
    """A member confirmed an announcement. The subject is made of both."""

    community_id: UUID
    discussion_id: UUID
    member_id: UUID

    def subject(self) -> str:
        """Made of `discussion_id` and `member_id`."""
        return str(uuid5(self.discussion_id, str(self.member_id)))


class PollVoted(
    IntegrationEvent, type="content.poll.voted", subject="discussion_id", key="discussion_id", restricted=True
):
    """A member voted for the first time. It does not say for what; nobody is told. The subject is made of poll and member."""

    community_id: UUID
    discussion_id: UUID
    member_id: UUID

    def subject(self) -> str:
        """Made of `discussion_id` and `member_id`."""
        return str(uuid5(self.discussion_id, str(self.member_id)))


class ReminderDue(
    IntegrationEvent, type="content.reminder.due", subject="discussion_id", key="discussion_id", restricted=True
):
    """Members who have not confirmed an announcement are reminded; in parts of 500. The subject is made of discussion, reminder and part."""

    community_id: UUID
    discussion_id: UUID
    title: str
    due_at: datetime | None = None
    reminder: int
    """How many reminders of it there were, with this one."""
    member_ids: tuple[UUID, ...]
    part: int
    of: int

    def subject(self) -> str:
        """Made of `discussion_id`, `reminder` and `part`."""
        return str(uuid5(self.discussion_id, f"reminder {self.reminder}.{self.part}"))


class ReplyPosted(IntegrationEvent, type="content.reply.posted", subject="reply_id", key="discussion_id"):
    """Members can see it since `time`. `first_by_other`: the first reply that is not by the author of the discussion."""

    community_id: UUID
    reply_id: UUID
    kind: Annotated[str, known("answer", "comment")]
    parent_id: UUID | None = None
    discussion_id: UUID
    discussion_kind: DiscussionKind
    discussion_author_id: UUID
    author_id: UUID
    mentions: tuple[UUID, ...] = ()
    first_by_other: bool = False
    characters: int | None = None
    """Of the text, without white space."""
    visibility: Visibility | None = None
    group_id: UUID | None = None


class AnswerChange(IntegrationEvent):
    """The answer that helped."""

    community_id: UUID
    discussion_id: UUID
    reply_id: UUID
    asker_id: UUID
    answerer_id: UUID
    accepted_by: UUID
    tags: tuple[str, ...] = ()
    helped_before: bool = False
    """It was the accepted answer of a discussion that was merged into this one, and keeps what it earned there."""


class AnswerAccepted(AnswerChange, type="content.answer.accepted", subject="reply_id", key="discussion_id"):
    """An answer is the accepted one."""


class AnswerUnaccepted(AnswerChange, type="content.answer.unaccepted", subject="reply_id", key="discussion_id"):
    """An answer is no longer the accepted one; it loses what it earned unless it helped before."""


class QuestionOverdue(IntegrationEvent, type="content.question.overdue", subject="discussion_id"):
    """A question has no answer within its target."""

    community_id: UUID
    discussion_id: UUID
    author_id: UUID
    title: str
    due_at: datetime
    group_id: UUID | None = None


class SubscriptionTarget(Part):
    """A thing with its id, or a tag."""

    kind: Annotated[str, known("discussion", "tag")]
    id: UUID | None = None
    tag: str | None = None


class SubscriptionChanged(
    IntegrationEvent,
    type="content.subscription.changed",
    subject="subscription_id",
    key="member_id",
    restricted=True,
):
    """A member wants to hear of a discussion or a tag, or no longer."""

    community_id: UUID
    subscription_id: UUID
    member_id: UUID
    target: SubscriptionTarget
    on: bool


# --- what happens to any piece of content ----------------------------------------------------------------------------


class ContentRemoval(IntegrationEvent):
    """A piece of content that members no longer see, or see again. The order is kept per root.

    The `object` says all of the other fields but the community and the cause, which stay for those who read them from the beginning. Earlier
    messages have no `object`: it is made of them, and they of it.
    """

    community_id: UUID
    kind: Annotated[str, known("article", "discussion", "reply")]
    id: UUID
    root_id: UUID
    author_ids: tuple[UUID, ...]
    object: ContentObject | None = None
    cause: Annotated[str, known("author", "moderator", "hold", "parent")]

    @model_validator(mode="before")
    @classmethod
    def _both_forms(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if data.get("object") is None:
            return data | {"object": {name: data[name] for name in ContentObject.model_fields if name in data}}
        about = data["object"].model_dump() if isinstance(data["object"], ContentObject) else data["object"]
        return about | data if isinstance(about, dict) else data


class ArticleRemoved(ContentRemoval, type="content.article.removed", subject="id", key="root_id"): ...


class ArticleRestored(ContentRemoval, type="content.article.restored", subject="id", key="root_id"): ...


class DiscussionRemoved(ContentRemoval, type="content.discussion.removed", subject="id", key="root_id"): ...


class DiscussionRestored(ContentRemoval, type="content.discussion.restored", subject="id", key="root_id"): ...


class ReplyRemoved(ContentRemoval, type="content.reply.removed", subject="id", key="root_id"): ...


class ReplyRestored(ContentRemoval, type="content.reply.restored", subject="id", key="root_id"): ...


class ContentFeatured(FeatureChange, type="content.content.featured", subject="object"): ...


class ContentUnfeatured(FeatureChange, type="content.content.unfeatured", subject="object"): ...


class ReactionAdded(ReactionChange, type="content.reaction.added", subject="reaction_id", key="object"): ...


class ReactionRemoved(ReactionChange, type="content.reaction.removed", subject="reaction_id", key="object"): ...


class FlaggedObject(ContentObject):
    """The flagged content, and the service that owns it."""

    service: str


class ContentFlagged(IntegrationEvent, type="content.content.flagged", subject="object", restricted=True):
    """A scanner or a member flagged content. The reporter's words are not included."""

    community_id: UUID
    object: FlaggedObject
    action: Annotated[str, known("hold", "reject")]
    rule_category: str
    by: Annotated[str, known("scanner", "member")]
    reporter_id: UUID | None = None

    def subject(self) -> str:
        """Made of the `id` of the `object`."""
        return str(uuid5(self.object.id, "flag"))

    def partition_key(self) -> str:
        return str(self.object.root_id)


class ContentReported(
    IntegrationEvent, type="content.content.reported", subject="object", restricted=True, unnamed=True
):
    """Members reported content: how many by now, and as what the latest did. Nobody is told who."""

    community_id: UUID
    object: FlaggedObject
    category: Annotated[str, known("advertising", "abuse", "secret", "off_topic", "other")]
    count: int

    def subject(self) -> str:
        """Made of the `id` of the `object`."""
        return str(uuid5(self.object.id, "report"))

    def partition_key(self) -> str:
        return str(self.object.root_id)


class TextDecided(IntegrationEvent, type="content.text.decided", subject="object", restricted=True):
    """Whether others read a text of another service: `allow` and `release`, or not, `hold` until a moderator has looked at it, and `remove`.

    A text that belongs to no community, as a person's name, has no `community_id`.
    """

    community_id: UUID | None = None
    object: TextObject
    root_id: UUID
    verdict: Annotated[str, known("allow", "hold", "release", "remove")]

    def subject(self) -> str:
        """Made of the `id` of the `object`."""
        return str(uuid5(self.object.id, "verdict"))

    def partition_key(self) -> str:
        return str(self.root_id)


class CompanyRulesChanged(
    IntegrationEvent, type="content.company_rules.changed", subject="judges", key="judges", restricted=True
):
    """The company's own lists of words and rules changed: whether they look for anything, so that texts which they alone decide about matter."""

    judges: bool

    def subject(self) -> str:
        """Always the same: a company has its lists once."""
        return str(uuid5(UUID(int=0), "company_rules"))

    def partition_key(self) -> str:
        return self.subject()


class SearchMissed(IntegrationEvent, type="content.search.missed", subject="community_id", restricted=True):
    """A search without results, which shows an unmet need. It does not say who searched."""

    community_id: UUID
    query: Annotated[str, Field(max_length=100)]
    """The normalised query."""
    language: str

    def subject(self) -> str:
        """Made of `community_id`."""
        return str(uuid5(self.community_id, "search"))


class ReadingRecorded(
    IntegrationEvent, type="content.reading.recorded", subject="member_id", key="member_id", restricted=True
):
    """How many articles, discussions and announcements a member read on a day of the community. The subject is made of member and day."""

    community_id: UUID
    member_id: UUID
    day: date
    articles: int
    discussions: int
    announcements: int

    def subject(self) -> str:
        """Made of `member_id` and `day`."""
        return str(uuid5(self.member_id, self.day.isoformat()))


class FeedbackCounted(IntegrationEvent, type="content.feedback.counted", subject="community_id", unnamed=True):
    """How much feedback was opened, first answered and closed on a day of the community: nothing else of it is told."""

    community_id: UUID
    day: date
    opened: int
    answered: int
    closed: int

    def subject(self) -> str:
        """Made of `community_id`."""
        return str(uuid5(self.community_id, "feedback"))
