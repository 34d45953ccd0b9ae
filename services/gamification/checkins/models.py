"""Check-ins, the state of each member's streak, and the weeks of streaks that were paid."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.gamification.base import Base
from services.gamification.checkins.rules import CheckinDay, Step, StreakDays, StreakState


class Checkin(Base, table=True):
    """One day of one member. The day and its zone were decided when it was accepted and never change.

    `length` and `froze` are what the day made of the streak; a day that arrives late may change them for later ones.
    """

    __tablename__ = "checkins"
    __table_args__ = (
        # Checked under the lock of the member's wallet.
        unique("member_id", "day", answers=None),
        # Only imports bring one.
        unique("community_id", "source_ref", answers=None),
        CheckConstraint("origin IN ('now', 'made_up', 'imported')", name="origin"),
        CheckConstraint("streak_days IN ('every_day', 'workdays')", name="streak_days"),
        CheckConstraint("length > 0", name="length"),
        Index(None, "community_id", "occurred_at", "id"),
        Index(None, "member_id", "occurred_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    day: date
    time_zone: str = Field(max_length=64)
    began_at: datetime
    streak_days: str = Field(max_length=16)
    occurred_at: datetime
    recorded_at: datetime
    origin: str = Field(max_length=16)
    note: str | None = Field(default=None, max_length=2000)
    source_ref: str | None = Field(default=None, max_length=200)
    length: int
    froze: bool = False
    message_id: UUID | None = None
    """Of the message that told of it; those of earlier releases did not keep it."""
    told_at: datetime | None = None
    """When the message said that it happened; a file that came later may have known an earlier moment of the day."""

    @property
    def as_day(self) -> CheckinDay:
        """What the fold reads of it."""
        return CheckinDay(
            day=self.day, time_zone=self.time_zone, began_at=self.began_at, streak_days=StreakDays(self.streak_days)
        )

    @property
    def as_step(self) -> Step:
        """What the fold made of it, as far as it is kept."""
        return Step(day=self.day, length=self.length, froze=self.froze)


class Streak(Base, table=True):
    """The state of a member's fold after the newest day, so that the next one needs no history."""

    __tablename__ = "streaks"

    member_id: UUID = Field(primary_key=True)
    community_id: UUID = Field(index=True)
    last_day: date
    last_time_zone: str = Field(max_length=64)
    last_began_at: datetime
    last_streak_days: str = Field(max_length=16)
    current: int
    longest: int
    checkins: int
    freezes: int
    freezes_used: int
    provisional_from: date | None = Field(default=None, index=True)
    """The first day that was decided by the plain week; when it is known, the member is judged again."""
    spared: list[Any] | None = Field(default=None, sa_type=JsonDocument)
    """When the member was sanctioned by what was undone since: pairs of moments. Days in it are not missed."""

    @property
    def state(self) -> StreakState:
        """The fold's memory."""
        return StreakState(
            last=CheckinDay(
                day=self.last_day,
                time_zone=self.last_time_zone,
                began_at=self.last_began_at,
                streak_days=StreakDays(self.last_streak_days),
            ),
            current=self.current,
            longest=self.longest,
            checkins=self.checkins,
            freezes=self.freezes,
            freezes_used=self.freezes_used,
            provisional_from=self.provisional_from,
            spared=tuple(
                (datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in self.spared or ()
            ),
        )


class StreakWeek(Base, table=True):
    """A full week of a streak, named by the day that first filled it.

    `moved_to` is the day that fills it now, where late days moved it; `due` is False where no day does. `version` counts how
    often that changed, in the order of which the earning side withdraws and restores.
    """

    __tablename__ = "streak_weeks"

    member_id: UUID = Field(primary_key=True)
    completed_on: date = Field(primary_key=True)
    source_id: UUID
    moved_to: date | None = None
    due: bool
    version: int


def streak_values(member_id: UUID, community_id: UUID, state: StreakState) -> dict[str, object]:
    """The columns of a streak's row."""
    assert state.last is not None  # noqa: S101 - a row is written only after a day
    return {
        "member_id": member_id,
        "community_id": community_id,
        "last_day": state.last.day,
        "last_time_zone": state.last.time_zone,
        "last_began_at": state.last.began_at,
        "last_streak_days": state.last.streak_days.value,
        "current": state.current,
        "longest": state.longest,
        "checkins": state.checkins,
        "freezes": state.freezes,
        "freezes_used": state.freezes_used,
        "provisional_from": state.provisional_from,
        "spared": [[first.isoformat(), last.isoformat()] for first, last in state.spared],
    }
