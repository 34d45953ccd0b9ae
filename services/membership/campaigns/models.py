"""The tables of recruitment campaigns: the campaign, its channels, its forms, its counted visits."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base
from services.membership.campaigns.rules import Requirement, Status, status_at


class Campaign(Base, Publishing, table=True):
    """A recruitment drive. `status` is what somebody last decided; what the clock made of it says `status_at`.

    `seats_taken` counts the decisions to accept, released or not; it changes under this row's lock only. `test` is what its step
    of that name asks; `paper_state` whether a copy of its paper is kept here, `test_graded_version` the later version of it that corrects its
    questions, if one does.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'scheduled', 'open', 'closed', 'archived')", name="status"),
        CheckConstraint("audience IN ('employees', 'anyone')", name="audience"),
        CheckConstraint("paper_state IN ('fetching', 'there', 'refused')", name="paper_state"),
        CheckConstraint("quota > 0", name="quota"),
        CheckConstraint("opens_at IS NULL OR opens_at <= closes_at", name="dates"),
        CheckConstraint("seats_taken >= 0 AND seats_taken <= quota", name="seats"),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    title: str = Field(max_length=200)
    status: str = Field(max_length=16, default="draft")
    audience: str = Field(max_length=16)
    quota: int
    seats_taken: int = 0
    opens_at: datetime | None = None
    closes_at: datetime
    cohort_id: UUID | None = Field(default=None, foreign_key="cohorts.id")
    requirements: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    steps: list[str] = Field(default_factory=lambda: ["form"], sa_type=JsonDocument, nullable=False)
    criteria: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    test: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    paper_state: str | None = Field(default=None, max_length=16)
    test_graded_version: int | None = None
    form_version: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime
    created_by: str = Field(max_length=64)

    def status_at(self, now: datetime) -> Status:
        """The state by the clock."""
        return status_at(self.status, opens_at=self.opens_at, closes_at=self.closes_at, now=now)  # type: ignore[arg-type]  # the check constraint says so

    @property
    def asked(self) -> list[Requirement]:
        """The requirements as the rules read them."""
        return [Requirement(**requirement) for requirement in self.requirements]


class Channel(Base, table=True):
    """A way by which people hear of a campaign. `token` is what its short link carries; it cannot be guessed."""

    __tablename__ = "channels"
    __table_args__ = (
        unique("campaign_id", "code", answers=ALREADY_EXISTS),
        unique("token", answers=None),  # random
        CheckConstraint(
            "kind IN ('announcement', 'im', 'social', 'forum', 'referral', 'poster', 'other')", name="kind"
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    campaign_id: UUID = Field(foreign_key="campaigns.id")
    code: str = Field(max_length=40)
    name: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    token: str = Field(max_length=32)
    created_at: datetime


class FormVersion(Base, table=True):
    """One version of a campaign's form; answers are bound to the version they were given to. Rows are only inserted."""

    __tablename__ = "form_versions"

    campaign_id: UUID = Field(foreign_key="campaigns.id", primary_key=True)
    version: int = Field(primary_key=True)
    form: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    created_at: datetime
    created_by: str = Field(max_length=64)


class ChannelVisits(Base, table=True):
    """How often a channel's landing was looked at on a day of the community; nobody's identity is kept. `told`: others know it."""

    __tablename__ = "channel_visits"

    channel_id: UUID = Field(foreign_key="channels.id", primary_key=True)
    day: date = Field(primary_key=True)
    visits: int
    told: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
