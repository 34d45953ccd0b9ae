"""What happens to discussions and concerns more than them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from chassis.occasions import Occasion
from chassis.security.caller import Caller
from services.content.discussions.models import Discussion


@dataclass(frozen=True, slots=True)
class Turned:
    """A locked discussion that is no longer seen, or seen again."""

    discussion: Discussion
    caller: Caller


discussion_turned: Occasion[Turned, None] = Occasion("discussion turned")
"""A discussion was removed or restored."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looks at discussions; in each community they are at most one of these members."""

    member_ids: Collection[UUID]
    discussion_ids: Collection[UUID]


@dataclass(slots=True)
class Reading:
    """What a discussion is to a member beside being theirs."""

    unread: bool = False
    first_unread_reply_id: UUID | None = None
    reacted: list[str] = field(default_factory=list)
    bookmarked: bool = False
    subscribed: bool = False


looked_at: Occasion[Looked, Mapping[UUID, Reading]] = Occasion("discussions looked at")
"""Discussions are shown: what they are to their reader depends on replies, too. What is not answered is nothing in particular."""
