"""What the content service tells of ideas."""

from typing import Annotated
from uuid import UUID, uuid5

from contracts.base import IntegrationEvent
from contracts.fields import known


class IdeaState(IntegrationEvent):
    """An idea; neither its text nor what was written about it."""

    community_id: UUID
    idea_id: UUID
    title: str
    tags: tuple[str, ...] = ()
    author_ids: tuple[UUID, ...]


class IdeaProposed(IdeaState, type="content.idea.proposed", subject="idea_id"):
    """Members can see it since `time`."""


class IdeaVote(IdeaState):
    """A member's vote. The subject is made of both."""

    member_id: UUID

    def subject(self) -> str:
        """Made of `idea_id` and `member_id`."""
        return str(uuid5(self.idea_id, str(self.member_id)))


class IdeaVoted(IdeaVote, type="content.idea.voted", subject="idea_id", key="idea_id"):
    """A member votes for an idea: each has one vote, which counts again after it was taken back."""


class IdeaUnvoted(IdeaVote, type="content.idea.unvoted", subject="idea_id", key="idea_id"):
    """A member takes their vote back."""


class IdeaDecided(IdeaState, type="content.idea.decided", subject="idea_id"):
    """What becomes of an idea; an adopted one stays so."""

    to: Annotated[str, known("under_review", "piloting", "adopted", "declined")]


class IdeaMerged(IdeaState, type="content.idea.merged", subject="idea_id"):
    """It says the same as another idea: votes for it count for that one, each member's once. That one may be merged, too."""

    merged_into: UUID


class IdeaRemoval(IdeaState):
    """An idea that members no longer see, or see again; its votes stay."""

    cause: Annotated[str, known("author", "moderator", "hold")]


class IdeaRemoved(IdeaRemoval, type="content.idea.removed", subject="idea_id"): ...


class IdeaRestored(IdeaRemoval, type="content.idea.restored", subject="idea_id"): ...
