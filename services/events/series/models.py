"""The table of series."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.events.base import Base


class Series(Base, table=True):
    """Activities by a rule. Its row is the lock for which dates there are; `dates` counts them.

    What a date is without being changed by itself stands here: `shared` has the fields that all have, as an answer has them.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("dates >= 0 AND minutes > 0 AND repeats > 0", name="bounds"),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    frequency: str = Field(max_length=8)
    repeats: int = 1
    """Every so many weeks or months."""
    weekdays: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    day_of_month: int | None = None
    nth: int | None = None
    starts_on: date
    counted_from: date
    """From which day its rule is read since it was moved last."""
    at: str = Field(max_length=5)
    minutes: int
    time_zone: str = Field(max_length=64)
    shared: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    organiser_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    dates: int = 0
    announced_at: datetime | None = None
    cancelled_at: datetime | None = None
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime


class SeriesOrganiser(Base, table=True):
    """A member who runs a series, for looking series up by them."""

    __tablename__ = "series_organisers"
    __table_args__ = (Index(None, "member_id", "series_id"),)

    series_id: UUID = Field(primary_key=True, foreign_key="series.id")
    member_id: UUID = Field(primary_key=True)
