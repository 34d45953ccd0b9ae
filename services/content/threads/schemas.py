"""What is read, as requests and answers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.web.pages import Page
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment
from services.content.discussions.schemas import DiscussionPublic
from services.content.replies.schemas import ReplyPublic


class ReadUpto(RequestModel):
    """How far the caller has read: a `position` of a reply, 0 for the discussion alone. One beyond the last is the last."""

    upto: Annotated[int, Field(ge=0, le=GREATEST_SMALL_INTEGER)]


class ReadBefore(RequestModel):
    """Before when the caller has read everything in a community. What is in the future is now."""

    community_id: UUID
    before: Moment


class ReadPublic(ResponseModel):
    """What the caller has read of a discussion, and what is left."""

    discussion_id: UUID
    read_upto: int
    unread: bool = Field(description="Whether something in it is still new.")
    first_unread_reply_id: UUID | None


class ReadFloorPublic(ResponseModel):
    """Before when the caller has read everything."""

    community_id: UUID
    read_before: Moment
    unread_count: int = Field(description="How many discussions are unread, 10,000 at most.")


class ThreadPublic(ResponseModel):
    """A discussion with the first of its replies. `replies.next` is the `cursor` for `GET /v1/replies?discussion_id=`."""

    discussion: DiscussionPublic
    replies: Page[ReplyPublic]


class UnreadPublic(ResponseModel):
    """How many are unread, 10,000 of each at most: as many as `GET /v1/discussions?unread=true` lists."""

    discussions: int
    announcements: int
    notifications: int | None = Field(
        default=None, description="Lines of the caller's inbox; only in a home, if membership answers."
    )
    feedback: int = Field(description="Of the caller's feedback, how many have an answer that is new to them.")
