"""The tables of interviews: who may interview, the slots, who interviews in each, and who must not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import key
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.interviews.rules import Status, status_at


class CampaignInterviewer(Base, table=True):
    """Somebody who interviews for a campaign: a member of its community, or a colleague. People are no foreign keys: others lock them."""

    __tablename__ = "campaign_interviewers"
    # Counted and written under the lock of the campaign; a second time changes nothing.
    __table_args__ = (key("campaign_id", "person_id", answers=None), Index(None, "person_id"))

    campaign_id: UUID = Field(foreign_key="campaigns.id")
    person_id: UUID
    named_by: str = Field(max_length=64)
    named_at: datetime


class InterviewerLine(Base, table=True):
    """One row for each person who interviews anywhere. Its lock is that of their time: nobody is in two interviews at once."""

    __tablename__ = "interviewer_lines"
    # Written where it is not there yet.
    __table_args__ = (key("person_id", answers=None),)

    person_id: UUID


class Interview(Base, table=True):
    """A slot. `for_application_id`: it is offered to that one alone. `application_id`: who has chosen it.

    `status` is what somebody last did; what the clock made of it says `status_at`. `wanted` is how many were to interview, `sequence`
    how often its time, place or end changed, as calendars count it. It changes under the lock of its campaign. `told_upto` is the last
    application that was told of it while applicants who waited for one are told.
    """

    __tablename__ = "interviews"
    __table_args__ = (
        CheckConstraint("status IN ('offered', 'chosen', 'cancelled')", name="status"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("status <> 'chosen' OR application_id IS NOT NULL", name="chosen"),
        Index(None, "community_id", "starts_at", "id"),
        Index(None, "campaign_id", "starts_at", "id"),
        Index(None, "application_id", "starts_at", "id"),
        Index(None, "for_application_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    campaign_id: UUID = Field(foreign_key="campaigns.id")
    for_application_id: UUID | None = Field(default=None, foreign_key="applications.id")
    application_id: UUID | None = Field(default=None, foreign_key="applications.id")
    starts_at: datetime
    ends_at: datetime
    place: str | None = Field(default=None, max_length=300)
    status: str = Field(default="offered", max_length=16)
    wanted: int
    sequence: int = 0
    told_upto: UUID | None = None
    chosen_at: datetime | None = None
    missed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = Field(default=None, max_length=1000)
    version: int = 1
    created_at: datetime
    created_by: str = Field(max_length=64)

    def status_at(self, now: datetime) -> Status:
        """The state by the clock."""
        return status_at(self.status, starts_at=self.starts_at, missed=self.missed_at is not None, now=now)


class Interviewer(Base, table=True):
    """Somebody who interviews in a slot."""

    __tablename__ = "interview_interviewers"
    # Written under the lock of the campaign.
    __table_args__ = (key("interview_id", "person_id", answers=None), Index(None, "person_id"))

    interview_id: UUID = Field(foreign_key="interviews.id")
    person_id: UUID


class DeclaredConflict(Base, table=True):
    """Somebody who said that they must not judge an application. It stays: they neither interview nor read what others wrote of it."""

    __tablename__ = "declared_conflicts"
    # Written under the lock of the application; a second time changes nothing.
    __table_args__ = (key("application_id", "person_id", answers=None), Index(None, "person_id"))

    application_id: UUID = Field(foreign_key="applications.id")
    person_id: UUID
    reason: str | None = Field(default=None, max_length=1000)
    declared_at: datetime
