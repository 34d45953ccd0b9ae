"""What a step of an archive has read and made of its lines so far, before it is written."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.messaging.outbox import Outgoing
from chassis.security.authority import CommunityFacts
from services.content.archives.lines import Entry
from services.content.archives.models import ArchiveLine
from services.content.articles.models import Article, ArticleVersion
from services.content.base import Base
from services.content.deeds.service import Aspect
from services.content.discussions.models import Discussion, DiscussionText
from services.content.reactions.models import Reaction
from services.content.replies.models import Reply

Text = Discussion | Reply | Article
Thing = Text | Reaction
KINDS: dict[type[Base], str] = {Discussion: "discussion", Reply: "reply", Article: "article", Reaction: "reaction"}


@dataclass
class Past:
    """Things are locked, or new. `things` are by the references of their lines; `told` is in the order in which it is told."""

    community: CommunityFacts
    community_id: UUID
    things: dict[str, Thing] = field(default_factory=dict)
    discussions: dict[UUID, Discussion] = field(default_factory=dict)
    replies: dict[UUID, Reply] = field(default_factory=dict)
    articles: dict[UUID, Article] = field(default_factory=dict)
    texts: dict[UUID, DiscussionText] = field(default_factory=dict)
    versions: dict[UUID, ArticleVersion] = field(default_factory=dict)
    """Of each article the one that readers see."""
    reactions: dict[tuple[UUID, UUID, str], Reaction] = field(default_factory=dict)
    """By member, object and kind."""

    lines: list[ArchiveLine] = field(default_factory=list)
    new: list[Base] = field(default_factory=list)
    new_below: list[Base] = field(default_factory=list)
    """What refers to what is new."""
    told: list[tuple[Aspect | None, Outgoing]] = field(default_factory=list)
    said: dict[UUID, tuple[Text, str | None]] = field(default_factory=dict)
    """What is new or says something else, with its text where that changed."""
    turned: dict[UUID, Text] = field(default_factory=dict)
    """What is no longer seen, or seen again."""
    tagged: dict[UUID, Discussion] = field(default_factory=dict)
    """Discussions whose tags are to be written."""
    without_last: dict[UUID, Discussion] = field(default_factory=dict)
    """Discussions whose last reply is to be looked for."""

    def tell(self, aspect: Aspect | None, message: Outgoing) -> None:
        """Tell of it when the step is written."""
        self.told.append((aspect, message))

    def say(self, thing: Text, text: str | None) -> None:
        """Have it found by what it says now; None where its text is as it was."""
        before = self.said.get(thing.id)
        self.said[thing.id] = (thing, text if text is not None or before is None else before[1])

    def keep(self, item: Entry, thing: Thing) -> None:
        """Remember what a line became, or what it was about: it does nothing again."""
        makes = item.makes
        line = ArchiveLine(
            community_id=self.community_id,
            source_ref=item.ref,
            object_kind=KINDS[type(thing)] if makes else item.kind,
            object_id=thing.id,
            root_id=self.root_of(thing).id,
        )
        self.lines.append(line)
        if makes:
            self.things[item.ref] = thing

    def root_of(self, thing: Thing) -> Discussion | Article:
        """The discussion or the article that it belongs to, or is."""
        if isinstance(thing, Reaction):
            return self.root_of(self.object_of(thing))
        return self.discussions[thing.discussion_id] if isinstance(thing, Reply) else thing

    def end_of(self, discussion: Discussion) -> Discussion:
        """Where replies to it go: to another if it was merged into that."""
        while discussion.merged_into_id is not None:
            discussion = self.discussions[discussion.merged_into_id]
        return discussion

    def object_of(self, reaction: Reaction) -> Text:
        """What a reaction is to."""
        key = reaction.object_id
        return self.replies.get(key) or self.discussions.get(key) or self.articles[key]

    def parent_of(self, reply: Reply) -> Reply | None:
        """The answer that a comment is about."""
        return self.replies[reply.parent_reply_id] if reply.parent_reply_id is not None else None


def moment(item: Entry, thing: Thing) -> datetime:
    """When something was done to a thing: not before it was there, whatever the line says."""
    return max(item.at, thing.created_at)
