"""What happens to discussions and concerns more than them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.occasions import Occasion
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from services.content.discussions.models import Discussion
from services.content.discussions.schemas import DiscussionCreate, DiscussionPatch


@dataclass(frozen=True, slots=True)
class Turned:
    """A locked discussion that is no longer seen, or seen again. `arrived_at`: when an archive told of that, if one did."""

    discussion: Discussion
    caller: Caller | None
    arrived_at: datetime | None = None


discussion_turned: Occasion[Turned, None] = Occasion("discussion turned")
"""A discussion was removed or restored."""


@dataclass(frozen=True, slots=True)
class Said:
    """A locked discussion that is new or says something else, as it is written now; `text` is its body as plain text, None where that is as it was."""

    discussion: Discussion
    text: str | None


discussion_said: Occasion[Said, None] = Occasion("discussion said")
"""A discussion was started, or its title, body or tags changed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looks at discussions; in each community they are at most one of these members, and their masks there."""

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


@dataclass(frozen=True, slots=True)
class Written:
    """A locked discussion that its author starts or edits, and what they asked for."""

    discussion: Discussion
    asked: DiscussionCreate | DiscussionPatch
    community: CommunityFacts
    now: datetime


discussion_written: Occasion[Written, bool] = Occasion("discussion written")
"""A discussion is started or edited: what only its kind has is written with it. Answers whether anything changed."""


@dataclass(frozen=True, slots=True)
class Published:
    """A locked discussion that members see for the first time."""

    discussion: Discussion
    community: CommunityFacts
    at: datetime


discussion_published: Occasion[Published, None] = Occasion("discussion published")
"""Members see a discussion for the first time: it begins to count."""


@dataclass(frozen=True, slots=True)
class WasRead:
    """A discussion, not locked, that a member says they have read."""

    discussion: Discussion
    member_id: UUID
    now: datetime


discussion_read: Occasion[WasRead, None] = Occasion("discussion read")
"""A member read a discussion, this time perhaps no further than before."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Discussions that are shown to somebody; in each community they are at most one of these members."""

    discussions: Collection[Discussion]
    member_ids: Collection[UUID]
    now: datetime


discussions_shown: Occasion[Shown, Mapping[UUID, Mapping[str, Any]]] = Occasion("discussions shown")
"""Discussions are shown: answers what only their kinds have, by the names of fields."""
