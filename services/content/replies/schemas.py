"""Replies as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import Counts, MemberEmbed, RequestModel, ResponseModel, Viewer
from services.content.attachments.schemas import AttachmentPublic
from services.content.discussions.schemas import Body, WrittenMine
from services.content.holding.schemas import HeldPublic
from services.content.replies.rules import Kind

KIND = Closed("ReplyKind", Kind)
STATUS = Closed("ReplyStatus", ["shown", "held", "removed"])


class ReplyCreate(RequestModel):
    """An answer to a discussion, or a comment on it or on an answer. `body` is Markdown."""

    discussion_id: UUID
    kind: Annotated[Kind, KIND]
    parent_reply_id: UUID | None = Field(default=None, description="The answer that a comment is about.")
    body: Body


class ReplyPatch(RequestModel):
    """What to change."""

    body: Body = ABSENT


class CommentPublic(ResponseModel):
    """A reply. Of one that was removed only its author and moderators see who wrote what."""

    id: UUID
    community_id: UUID
    discussion_id: UUID
    parent_reply_id: UUID | None
    kind: Annotated[str, KIND]
    status: Annotated[str, STATUS]
    author: MemberEmbed | None
    body: str | None
    body_html: str | None = Field(
        description="The body as sanitised HTML; a mention is `<span data-member>` with today's name."
    )
    mentions: list[MemberEmbed] = Field(description="Whom the body mentions.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    position: int = Field(description="Grows within the discussion; beyond all others while it waits for a moderator.")
    accepted: bool
    reactions: Counts
    created_at: datetime
    edited_at: datetime | None
    held: HeldPublic | None = Field(description="What a moderator does with it, for its author and moderators.")
    mine: WrittenMine | None = Field(description="Null for who is no member.")
    viewer: Viewer


class Comments(ResponseModel):
    """The first comments on an answer."""

    items: list[CommentPublic]
    count: int = Field(description="How many everybody sees.")
    next: str | None = Field(
        description="The `cursor` for `GET /v1/replies?discussion_id=&parent_reply_id=` that lists those after them."
    )


class ReplyPublic(CommentPublic):
    """A reply with the first comments on it."""

    comments: Comments
