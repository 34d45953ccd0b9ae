"""What happens to replies and concerns more than them. Their discussions are locked."""

from dataclasses import dataclass

from chassis.occasions import Occasion
from services.content.replies.models import Reply


@dataclass(frozen=True, slots=True)
class ReplyWritten:
    """A reply that is new or says something else; `text` is what of it is read, as plain text."""

    reply: Reply
    text: str


@dataclass(frozen=True, slots=True)
class ReplyTurned:
    """A reply that is no longer seen by itself, or seen again."""

    reply: Reply


reply_written: Occasion[ReplyWritten, None] = Occasion("reply written")
"""A reply was posted, or its text changed."""
reply_turned: Occasion[ReplyTurned, None] = Occasion("reply turned")
"""A reply was removed or restored; that its discussion was, is told of that."""
