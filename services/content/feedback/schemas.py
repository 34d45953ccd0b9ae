"""Feedback as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from services.content.attachments.schemas import AttachmentPublic
from services.content.discussions.schemas import Body, Title
from services.content.feedback.rules import Addressee, Status, Waiting

ADDRESSEE = Closed("FeedbackAddressee", Addressee)
WAITING = Closed("FeedbackWaiting", Waiting)
STATUS = Closed("FeedbackStatus", Status)


class FeedbackCreate(RequestModel):
    """What to tell those who run the community. `body` is Markdown."""

    community_id: UUID
    to: Annotated[Addressee, ADDRESSEE] = Field(description="Operators and owners, or owners alone.")
    title: Title
    body: Body


class FeedbackReplyCreate(RequestModel):
    """What to reply."""

    body: Body


class FeedbackReplyPublic(ResponseModel):
    """A reply to feedback."""

    id: UUID
    author: MemberEmbed
    body: str
    body_html: str = Field(description="The body as sanitised HTML.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    created_at: datetime


class FeedbackMine(ResponseModel):
    """What feedback is to the caller."""

    author: bool
    unread: bool = Field(
        description="Whether somebody replied to the caller's feedback, or settled it, since they read it."
    )


class FeedbackListed(ResponseModel):
    """Feedback in a list."""

    id: UUID
    community_id: UUID
    to: Annotated[str, ADDRESSEE]
    title: str
    author: MemberEmbed
    status: Annotated[str, STATUS]
    answer_due_at: datetime = Field(description="Until when somebody else should have replied.")
    close_due_at: datetime = Field(description="Until when it should be settled.")
    answered_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    created_at: datetime
    mine: FeedbackMine
    viewer: Viewer


class FeedbackPublic(FeedbackListed):
    """Feedback with its text; its replies are a list of their own."""

    body: str
    body_html: str = Field(description="The body as sanitised HTML.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
