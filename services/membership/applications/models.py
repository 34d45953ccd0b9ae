"""The tables of applications: where each stands, and how it came there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.applications.problems import ALREADY_APPLIED
from services.membership.base import Base


class Application(Base, Publishing, table=True):
    """One person's way through one campaign.

    `live` is False once it no longer stands in the way of another (withdrawn, declined, rejected and released).
    `reason` stays with those who decide. `reason_for_applicant` is told with the outcome; `told_reason` is the one that was told while
    another decision waits for its release. `released_at` is when the decision's effect was written down: at `release_at`, or when a worker got round to it.
    `released_outcome` is the one that is in effect while another waits for its release. `waitlisted_at` is since when it is, or
    was, on the waitlist; it stays when the outcome changes, so that a corrected mistake costs no place.
    `test_…` is how far the test is: attempts begun and the last of them, extra minutes of this person, the best result in hundredths of a mark,
    and whether that passes. All of it changes under this row's lock only.
    """

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'screening', 'testing', 'interviewing', 'approving', 'decided', 'returned', "
            "'withdrawn')",
            name="state",
        ),
        CheckConstraint("outcome IN ('accepted', 'waitlisted', 'rejected')", name="outcome"),
        CheckConstraint("test_result IN ('passed', 'failed')", name="test_result"),
        CheckConstraint("state <> 'decided' OR (outcome IS NOT NULL AND release_at IS NOT NULL)", name="decided"),
        unique("campaign_id", "person_id", where="live", name="uq_applications_one_live", answers=ALREADY_APPLIED),
        Index(None, "campaign_id", "state", "submitted_at"),
        Index(None, "campaign_id", "outcome", "waitlisted_at"),
        Index(None, "campaign_id", "id"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "person_id", "created_at", "id"),
        Index(
            "ix_applications_to_forget",
            "step_since",
            postgresql_where=text("forgotten_at IS NULL"),
            sqlite_where=text("forgotten_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    campaign_id: UUID = Field(foreign_key="campaigns.id")
    person_id: UUID = Field(foreign_key="people.id")
    channel_id: UUID = Field(foreign_key="channels.id")
    channel: str = Field(max_length=40)
    state: str = Field(max_length=16, default="draft")
    live: bool = True
    form_version: int
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    score: float | None = None
    failed_requirements: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    knocked_out: bool = False
    review_requested_at: datetime | None = None
    returned_what: str | None = Field(default=None, max_length=2000)
    returned_until: datetime | None = None
    outcome: str | None = Field(default=None, max_length=16)
    released_outcome: str | None = Field(default=None, max_length=16)
    reason: str | None = Field(default=None, max_length=2000)
    reason_for_applicant: str | None = Field(default=None, max_length=2000)
    told_reason: str | None = Field(default=None, max_length=2000)
    decided_by: str | None = Field(default=None, max_length=64)
    decided_at: datetime | None = None
    decided_from: str | None = Field(default=None, max_length=16)
    previous_outcome: str | None = Field(default=None, max_length=16)
    waitlisted_at: datetime | None = None
    release_at: datetime | None = None
    released_at: datetime | None = None
    declined_at: datetime | None = None
    test_attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    test_attempt_id: UUID | None = None
    test_extra_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    test_result: str | None = Field(default=None, max_length=16)
    test_score: int | None = None
    test_full: int | None = None
    holder: str | None = Field(default=None, max_length=64)
    member_id: UUID | None = Field(default=None, foreign_key="members.id")
    version: int = 1
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    step_since: datetime
    held_since: datetime | None = None
    """Since when it may not be forgotten, for as long as somebody holds it."""
    forgotten_at: datetime | None = None
    """When what was said in it and about it went; that it was there, and how it ended, stays."""


class ApplicationMove(Base, table=True):
    """One step of an application's way, for those who decide; rows are only inserted, and lose their `note` when the application is forgotten."""

    __tablename__ = "application_moves"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id", index=True)
    at: datetime
    actor: str = Field(max_length=64)
    action: str = Field(max_length=32)
    from_state: str | None = Field(default=None, max_length=16)
    to_state: str = Field(max_length=16)
    outcome: str | None = Field(default=None, max_length=16)
    note: str | None = Field(default=None, max_length=2000)
