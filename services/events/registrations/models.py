"""The table of registrations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.events.base import Base


class Registration(Base, Publishing, table=True):
    """A member's registration for an activity: one, however often they cancel it and register again.

    Written under the lock of the activity, which counts seats and line. The line goes by `behind`, then by `queued`.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        # Nobody else writes those of an activity while one does.
        unique("activity_id", "member_id", answers=None),
        CheckConstraint("status <> 'waitlisted' OR queued IS NOT NULL", name="line"),
        Index(None, "activity_id", "status", "behind", "queued"),
        Index(None, "member_id", "status"),
        Index(None, "member_id", "no_show_at"),
        Index(None, "community_id", "leave_asked_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id")
    member_id: UUID
    status: str = Field(max_length=12)
    behind: bool = False
    """They stand behind the others in the line, since they did not come twice."""
    queued: int | None = None
    short_notice: bool = False
    unconfirmed: bool = False
    """It was moved since they registered, and they have not said that they still come."""
    asked: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Up to which time that everybody was asked `unconfirmed` says: where the activity counts more, they were asked since."""
    registered_at: datetime
    offer_ends_at: datetime | None = None
    """When the offer is over, as far as is known: earlier once it has reached them, never later."""
    offer_runs_from: datetime | None = None
    """Since when, or from when on, the time of the offer runs; None where it ran from the beginning."""
    offer_told_at: datetime | None = None
    """When the offer reached them."""
    awaited: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The version of the latest message of which it matters that it reaches them; 0 where none does."""
    untold: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many offers in a row ended that had not reached them. Offers go to others first then, until something does."""
    seated_at: datetime | None = None
    ended_at: datetime | None = None
    no_show_at: datetime | None = None
    """When that started to which they did not come."""
    leave_reason: str | None = Field(default=None, max_length=500)
    leave_asked_at: datetime | None = None
    leave_decided_at: datetime | None = None
    changed_at: datetime | None = None
    """When its last message was told; None for what has not changed since this is noted."""


class GivenUp(Base, table=True):
    """What a suspended or expelled member had for an activity when it was taken from them. Written under the lock of the activity.

    `outcome` is what became of it once it was to come back; none as long as it stays given up.
    """

    __tablename__ = "given_up_registrations"
    __table_args__ = (Index(None, "member_id", "given_up_at"),)

    registration_id: UUID = Field(primary_key=True, foreign_key="registrations.id")
    member_id: UUID
    given_up_at: datetime
    status: str = Field(max_length=12)
    queued: int | None = None
    behind: bool = False
    unconfirmed: bool = False
    told_of: UUID | None = None
    """The penalty whose answer said that it was given up."""
    outcome: str | None = Field(default=None, max_length=32)
    penalty_id: UUID | None = None
    revision: int | None = None
    """Of the penalty for which it came back, or could not."""


class RegistrationAnswers(Base, table=True):
    """What a member answered to the activity's form. Goes with the registration, and half a year after the activity."""

    __tablename__ = "registration_answers"

    __table_args__ = (Index(None, "given_at"),)

    registration_id: UUID = Field(primary_key=True, foreign_key="registrations.id")
    form_version: int
    answers: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    given_at: datetime
