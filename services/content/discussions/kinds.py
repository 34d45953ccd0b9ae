"""What announcements and polls have beside other discussions, as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import ROLE, RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine

Confirm = Literal["none", "read", "acknowledge"]
Role = Literal["owner", "operator", "moderator", "lecturer", "mentor"]

Results = Literal["always", "voted", "closed"]

CONFIRM = Closed("Confirm", Confirm)
RESULTS = Closed("PollResults", Results)
MOST_CHOICES = 20

_MOST = Field(max_length=50)
DepartmentCode = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]


class Audience(RequestModel):
    """Whom it is for: members to whom one of these applies; without any, all. Whom it is not for may read it, too."""

    roles: Annotated[list[Annotated[Role, ROLE]], _MOST] = []
    departments: Annotated[list[DepartmentCode], _MOST] = Field(default=[], description="Codes of departments.")
    cohort_ids: Annotated[list[UUID], _MOST] = []
    group_ids: Annotated[list[UUID], _MOST] = []


class AudiencePublic(ResponseModel):
    """Whom an announcement is for: members to whom one of these applies; without any, all."""

    roles: list[Annotated[str, ROLE]] = []
    departments: list[str] = Field(default=[], description="Codes of departments.")
    cohort_ids: list[UUID] = []
    group_ids: list[UUID] = []


class AnnouncementCreate(RequestModel):
    """How an announcement is made known."""

    audience: Audience = Audience()
    confirm: Annotated[Confirm, CONFIRM] = Field(
        default="none", description="Whether those whom it is for are asked to confirm that they read it, or agree."
    )
    confirm_by: Moment | None = Field(default=None, description="Two working days after it is published unless given.")
    publish_at: Moment | None = Field(default=None, description="Until then only its author and moderators see it.")
    pinned_until: Moment | None = Field(default=None, description="Until then it stands first in the list.")


class AnnouncementPatch(RequestModel):
    """What to change of how it is made known."""

    confirm_by: Moment = ABSENT
    publish_at: Moment = Field(default=ABSENT, description="Only of one that is not published yet.")
    ask_again: bool = Field(
        default=False,
        description="Ask all once more to confirm the text as it is now, within two working days unless `confirm_by` is given.",
    )


class AnnouncementMine(ResponseModel):
    """What an announcement is to the caller."""

    asked: bool = Field(description="Whether it waits for them to confirm it.")
    confirmed_at: datetime | None


class AnnouncementPublic(ResponseModel):
    """How an announcement is made known."""

    audience: AudiencePublic
    confirm: Annotated[str, CONFIRM]
    confirm_by: datetime | None
    publish_at: datetime | None = Field(description="Null once it is published.")
    reminded_at: datetime | None = Field(description="When those who had not confirmed it were last reminded.")
    mine: AnnouncementMine | None = Field(description="Null for who is no member.")


# --- polls ---------------------------------------------------------------------------------------------------------

ChoiceText = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]


class PollCreate(RequestModel):
    """What members choose of, and how; it stays so."""

    choices: Annotated[list[ChoiceText], Field(min_length=2, max_length=MOST_CHOICES)]
    several: bool = Field(default=False, description="Whether a member may choose several.")
    results: Annotated[Results, RESULTS] = Field(
        default="voted", description="From when on one sees the counts: at once, having voted, or when it is closed."
    )
    closes_at: Moment | None = None


class PollChoice(ResponseModel):
    """What can be chosen, and how often it was."""

    text: str
    votes: int | None = Field(description="Null as long as the caller does not see results.")


class PollMine(ResponseModel):
    """What a poll is to the caller."""

    chosen: list[int] = Field(description="By number from 0.")


class PollPublic(ResponseModel):
    """What members choose of. Nobody sees who voted how."""

    choices: list[PollChoice]
    several: bool
    results: Annotated[str, RESULTS]
    closes_at: datetime | None
    closed: bool
    voters: int = Field(description="How many members voted.")
    mine: PollMine | None = Field(description="Null for who is no member.")
