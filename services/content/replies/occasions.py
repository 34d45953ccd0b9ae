"""What happens to replies and concerns more than them. Their discussions are locked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.content.discussions.models import Discussion
from services.content.replies.models import Reply


@dataclass(frozen=True, slots=True)
class ReplyWritten:
    """A reply that is new or says something else; `text` is what of it is read, as plain text."""

    reply: Reply
    text: str


@dataclass(frozen=True, slots=True)
class ReplyEdited:
    """A locked reply to which its author sent an edit."""

    reply: Reply
    now: datetime


@dataclass(frozen=True, slots=True)
class ReplyTurned:
    """A reply that is no longer seen by itself, or seen again."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class RepliesMoved:
    """Replies that went from a merged discussion to another, both locked, in their order: behind `after` there.

    `before` are their positions until then. What waits for a moderator is not among these, but among `all_ids`.
    """

    source: Discussion
    target: Discussion
    before: Sequence[int]
    after: int
    all_ids: Sequence[UUID]


reply_written: Occasion[ReplyWritten, None] = Occasion("reply written")
"""A reply was posted, or its text changed."""
reply_posted: Occasion[ReplyWritten, None] = Occasion("reply posted")
"""A member posted a reply; one that an archive brings, nobody posts."""
reply_edited: Occasion[ReplyEdited, None] = Occasion("reply edited")
"""A member changed what their reply says, or sent what it says already."""
reply_turned: Occasion[ReplyTurned, None] = Occasion("reply turned")
"""A reply was removed or restored; that its discussion was, is told of that."""
replies_moved: Occasion[RepliesMoved, None] = Occasion("replies moved")
"""Replies went with a duplicate to the discussion that it was merged into."""
