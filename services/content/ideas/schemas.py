"""Ideas as requests and answers."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Said
from services.content.attachments.schemas import AttachmentPublic
from services.content.discussions.schemas import Body, MergedInto, Title
from services.content.holding.schemas import HeldPublic
from services.content.ideas.rules import Decision, Sort, Status

DECISION = Closed("IdeaDecision", Decision)
SORT = Closed("IdeaSort", Sort)
ASKED_STATUS = Closed("IdeaStatus", [*get_args(Status), "removed"])
SHOWN_STATUS = Closed("IdeaStatus", [*get_args(Status), "held", "removed"])

Resources = Annotated[str, StringConstraints(max_length=1000)]
OutcomeText = Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]


class IdeaPropose(RequestModel):
    """What could be better. `body` is Markdown."""

    community_id: UUID
    title: Title
    body: Body
    tags: Tags = []
    resources: Resources = Field(default="", description="What it would take: people, money, time.")


class IdeaPatch(RequestModel):
    """What to change."""

    title: Title = ABSENT
    body: Body = ABSENT
    tags: Tags = ABSENT
    resources: Resources = ABSENT


class IdeaDecide(RequestModel):
    """What becomes of an idea."""

    to: Annotated[Decision, DECISION]
    outcome_text: OutcomeText | None = Field(
        default=None, description="What came of it, or why; needed where it is adopted or declined."
    )
    sponsor_id: UUID | None = Field(default=None, description="The member who stands up for it; stays unless given.")


class IdeaMine(ResponseModel):
    """What an idea is to the caller."""

    author: bool
    voted: bool


class IdeaVotedPublic(ResponseModel):
    """Where a vote counts: for a duplicate in the idea that it was merged into."""

    idea_id: UUID
    votes: int
    mine: IdeaMine


class IdeaListed(ResponseModel):
    """An idea in a list."""

    id: UUID
    community_id: UUID
    title: str
    excerpt: str = Field(description="The first words as plain text.")
    tags: list[str]
    author: MemberEmbed
    status: Annotated[str, SHOWN_STATUS]
    votes: int = Field(description="Each member has one.")
    answer_due_at: datetime | None = Field(description="Until when it should no longer be open.")
    overdue: bool
    sponsor: MemberEmbed | None
    decided_by: MemberEmbed | None
    decided_at: datetime | None
    merged_into: MergedInto | None
    created_at: datetime
    edited_at: datetime | None
    mine: IdeaMine | None = Field(description="Null for who is no member.")


class IdeaPublic(IdeaListed):
    """An idea."""

    body: str
    body_html: str = Field(
        description="The body as sanitised HTML; a mention is `<span data-member>` with today's name."
    )
    mentions: list[MemberEmbed] = Field(description="Whom the body mentions.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    resources: str = Field(description="What it would take.")
    outcome_text: str | None = Field(description="What came of it, or why it was declined.")
    held: HeldPublic | None = Field(description="What a moderator does with it, for its author and moderators.")
    viewer: Viewer
