"""The tables of activities."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.events.base import Base


class Activity(Base, Publishing, table=True):
    """An activity. Its row is the lock for its seats, which are counted there.

    `confirmed`: how many have a seat; `offered`: how many are offered one. `waiting` and `waiting_behind`: how many wait, and how many of those stand behind the others.
    `queued`: how many ever joined the line. `moves`: how often it was moved or cancelled. `version` and `changed_at` are what calendars go by: both are
    written at each change that somebody sees.
    """

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="lasts"),
        CheckConstraint(
            "confirmed >= 0 AND offered >= 0 AND waiting >= waiting_behind AND waiting_behind >= 0", name="seats"
        ),
        # Drawn at random among a thousand million.
        unique("door", answers=None),
        Index(None, "community_id", "starts_at", "id"),
        # Written under the lock of the series.
        unique("series_id", "series_no", where="series_id IS NOT NULL", name="uq_activities_series", answers=None),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    mode: str = Field(max_length=8)
    title: str = Field(max_length=200)
    description: str = ""
    starts_at: datetime
    ends_at: datetime
    time_zone: str = Field(max_length=64)
    location: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    join_url: str | None = Field(default=None, max_length=500)
    contact: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=60)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    organiser_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    eligibility: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    hours: float | None = None
    capacity: int | None = None
    min_attendance: int | None = None
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    cancel_until: datetime | None = None
    seat_offers: str = Field(default="at_once", max_length=8)
    check_out: str = Field(default="none", max_length=8)
    doors: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    recording_consent: bool = False
    summary: str = Field(default="", sa_column_kwargs={"server_default": ""})
    materials: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    recording: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    status: str = Field(default="draft", max_length=12)
    announced_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = Field(default=None, max_length=500)
    completed_at: datetime | None = None
    confirm_by: datetime | None = None
    """Until when those who registered before it was moved should say that they still come."""
    asked: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often those who registered were asked whether they still come."""
    moves: int = 0
    confirmed: int = 0
    offered: int = 0
    waiting: int = 0
    waiting_behind: int = 0
    queued: int = 0
    attended: int = 0
    no_shows: int = 0
    form_version: int | None = None
    """The form that who registers fills in; none where nothing is asked. `form_versions`: how many there ever were."""
    form_versions: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    door: str | None = Field(default=None, max_length=8)
    """What names it in the codes that are shown at its door."""
    archive_article_id: UUID | None = Field(default=None, index=True)
    """The article that tells of it, which members read where `archive_shown`; `archive_version` is that of the message which says so."""
    archive_shown: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    archive_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    series_id: UUID | None = None
    series_no: int | None = None
    """Which of its series it is, from 1."""
    series_on: date | None = None
    """For which day it is planned as one of its series, whenever it takes place after all."""
    own_fields: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    """In which fields this one is another than the others of its series."""
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime
    changed_at: datetime | None = None
    """None for what has not changed since this is noted."""


class Organiser(Base, table=True):
    """A member who runs an activity, for looking activities up by them."""

    __tablename__ = "activity_organisers"
    __table_args__ = (Index(None, "member_id", "activity_id"),)

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    member_id: UUID = Field(primary_key=True)


class ActivityForm(Base, table=True):
    """One version of what an activity asks of who registers. Answers are bound to their version; rows are only inserted."""

    __tablename__ = "activity_forms"

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    version: int = Field(primary_key=True)
    form: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    created_at: datetime


class Speaker(Base, table=True):
    """Somebody who speaks at an activity: a person of the company, or somebody from outside, whose name stands here.

    `withdrawn_at`: they do not speak after all; then the name of who is from outside goes.
    """

    __tablename__ = "activity_speakers"
    __table_args__ = (
        unique(
            "activity_id",
            "person_id",
            where="withdrawn_at IS NULL",
            name="uq_activity_speakers_once",
            answers=ALREADY_EXISTS,
            field="person_id",
        ),
        CheckConstraint("person_id IS NULL OR name IS NULL", name="known_or_named"),
        Index(None, "person_id", "activity_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id")
    person_id: UUID | None = None
    name: str | None = Field(default=None, max_length=120)
    invited_at: datetime
    withdrawn_at: datetime | None = None
