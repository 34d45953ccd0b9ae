"""Discussions as requests and answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import Counts, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Moment, OneLine, Said
from services.content.attachments.schemas import AttachmentPublic
from services.content.discussions.kinds import (
    AnnouncementCreate,
    AnnouncementPatch,
    AnnouncementPublic,
    PollCreate,
    PollPublic,
)
from services.content.discussions.rules import MERGED, UNSEEN, Kind, Sort, Status
from services.content.holding.schemas import HeldPublic
from services.content.markdown import LONGEST_BODY
from services.content.reactions.schemas import REACTION

KIND = Closed("DiscussionKind", Kind)
SORT = Closed("DiscussionSort", Sort)
ASKED_STATUS = Closed("DiscussionStatus", [*get_args(Status), "scheduled", "removed"])
SHOWN_STATUS = Closed("DiscussionStatus", [*get_args(Status), "scheduled", "held", "removed"])

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Body = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_BODY), Said]


class DiscussionCreate(RequestModel):
    """What to discuss. `body` is Markdown. What is named as a kind is for discussions of this kind alone."""

    community_id: UUID
    kind: Annotated[Kind, KIND]
    title: Title
    body: Body
    tags: Tags = []
    group_id: UUID | None = Field(
        default=None, description="The group in which it stands: only who belongs to it and moderators see it."
    )
    announcement: AnnouncementCreate | None = None
    poll: PollCreate | None = None
    unnamed: bool = Field(
        default=False,
        description="Ask without being named, now and in what you reply; of questions, where the community allows it.",
    )


class DiscussionPatch(RequestModel):
    """What to change."""

    title: Title = ABSENT
    body: Body = ABSENT
    tags: Tags = ABSENT
    announcement: AnnouncementPatch = ABSENT


class DiscussionPin(RequestModel):
    """Until when it comes first in the list."""

    until: Moment


class MergeInto(RequestModel):
    """Of which other one it is a duplicate. If that was merged itself, it goes where that went."""

    into_id: UUID


class MergedInto(ResponseModel):
    """What it is a duplicate of: at the end of all merges."""

    id: UUID
    title: str = Field(description="Empty where the caller does not see it.")


class LastReply(ResponseModel):
    """The latest reply that is seen."""

    member: MemberEmbed
    at: datetime


class WrittenMine(ResponseModel):
    """What a discussion or a reply is to the caller."""

    author: bool
    reacted: list[Annotated[str, REACTION]]


class DiscussionMine(WrittenMine):
    """What a discussion is to the caller."""

    unread: bool = Field(description="Whether it, or a reply of somebody else, is new since the caller read it.")
    bookmarked: bool
    subscribed: bool = Field(description="Whether the caller follows it, whatever tags they follow.")


class DiscussionListed(ResponseModel):
    """A discussion in a list."""

    id: UUID
    community_id: UUID
    group_id: UUID | None = Field(description="The group in which it stands.")
    kind: Annotated[str, KIND]
    title: str
    excerpt: str = Field(description="The first words as plain text.")
    tags: list[str]
    author: MemberEmbed = Field(
        description="Of what is unnamed nobody in particular, the same one throughout the thread."
    )
    unnamed: bool = Field(description="Whether nobody is told who asked.")
    status: Annotated[str, SHOWN_STATUS]
    pinned_until: datetime | None
    featured: bool
    reply_count: int
    reactions: Counts
    last_reply: LastReply | None
    last_activity_at: datetime
    accepted_reply_id: UUID | None
    merged_into: MergedInto | None = Field(
        description="The discussion of which it is a duplicate, where its replies are."
    )
    answer_due_at: datetime | None = Field(description="Until when somebody else should have answered.")
    overdue: bool
    created_at: datetime
    edited_at: datetime | None
    first_unread_reply_id: UUID | None = Field(description="Where the caller goes on reading.")
    mine: DiscussionMine | None = Field(description="Null for who is no member.")
    announcement: AnnouncementPublic | None = Field(description="Null for other kinds.")
    poll: PollPublic | None = Field(description="Null for other kinds.")
    assigned_to: MemberEmbed | None = Field(description="Who is asked to answer.")


class DiscussionPublic(DiscussionListed):
    """A discussion."""

    body: str
    body_html: str = Field(
        description="The body as sanitised HTML; a mention is `<span data-member>` with today's name."
    )
    mentions: list[MemberEmbed] = Field(description="Whom the body mentions.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    held: HeldPublic | None = Field(description="What a moderator does with it, for its author and moderators.")
    viewer: Viewer


def shown_status(row: Any) -> str:
    """What readers are told of the state of a discussion."""
    return hidden_as(row.causes) or str(row.status)


def hidden_as(causes: Sequence[str]) -> str | None:
    """What is told of something that is not seen: that it waits for its moment or for a moderator, or was removed. None where it is seen.

    What was merged is closed, and says where it went.
    """
    if not set(causes) - {MERGED}:
        return None
    if set(causes) <= UNSEEN:
        return "held" if "hold" in causes else "scheduled"
    return "removed"
