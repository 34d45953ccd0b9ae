"""How messages become facts, and what a fact adds to the rollups. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, TELLS_DAY, Verb


class FactKey(NamedTuple):
    """What names a fact for ever."""

    verb: int
    key: UUID


@dataclass(frozen=True, slots=True)
class Made:
    """What a message says was done; `version` orders what several messages say of the same."""

    verb: Verb
    key: UUID
    community_id: UUID
    member_id: UUID | None
    at: datetime
    version: int
    value: float | None = None
    about: UUID | None = None
    rivals: tuple[Verb, ...] = ()
    """What the same deed may have been told to be before, or after: the last message says what it was."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a message says became of something that was done: of which of these kinds it is may not be told."""

    verbs: tuple[Verb, ...]
    key: UUID
    community_id: UUID
    version: int
    voided: bool


@dataclass(slots=True)
class State:
    """A fact as it is kept; see `models.Fact`."""

    verb: int
    key: UUID
    community_id: UUID
    member_id: UUID | None = None
    at: datetime | None = None
    value: float | None = None
    about: UUID | None = None
    version: int = 0
    state_version: int = 0
    voided: bool = False
    day: date | None = None
    place_id: int | None = None

    @property
    def name(self) -> FactKey:
        """What names it."""
        return FactKey(self.verb, self.key)

    @property
    def counts(self) -> bool:
        """Whether the rollups have it."""
        return self.day is not None and not self.voided

    def make(self, made: Made) -> None:
        """Take what a message says was done, unless a later one has said it. Who did it and where is looked up again."""
        if made.version >= self.state_version:
            self.state_version, self.voided = made.version, False
        if made.version < self.version or (made.version == self.version and self.at is not None):
            return
        self.community_id, self.member_id, self.at = made.community_id, made.member_id, made.at
        self.value, self.about, self.version = made.value, made.about, made.version

    def change(self, changed: Changed) -> None:
        """Take what a message says became of it, unless a later one has."""
        if changed.version > self.state_version:
            self.state_version, self.voided = changed.version, changed.voided


def overrule(rivals: Sequence[State]) -> None:
    """Of what one deed was told to be, the last message's stands."""
    told = [state for state in rivals if state.at is not None]
    if len(told) < 2:
        return
    last = max(told, key=lambda state: state.version)
    for state in told:
        if state is not last:
            state.voided = True
            state.state_version = max(state.state_version, last.version)


def told_day(state: State) -> date | None:
    """The day that the message itself named: the community's, when it happened, is not asked then."""
    return state.at.date() if state.at is not None and state.verb in TELLS_DAY else None


class MemberDayKey(NamedTuple):
    """Where a fact stands in the rollup of members and days."""

    community_id: UUID
    day: date
    verb: int
    member_id: UUID
    place_id: int


class MemberPeriodKey(NamedTuple):
    """Where a fact stands in the rollup of members and periods."""

    community_id: UUID
    grain: str
    starts_on: date
    member_id: UUID
    staff: bool


class ObjectDayKey(NamedTuple):
    """Where a fact stands in the rollup of things and days."""

    community_id: UUID
    day: date
    verb: int
    about: UUID
    staff: bool


@lru_cache(maxsize=4096)
def period_starts(day: date) -> Sequence[tuple[str, date]]:
    """The week, month and quarter of a day, by the day each begins on; weeks begin on Monday."""
    return (
        ("week", day - timedelta(days=day.weekday())),
        ("month", day.replace(day=1)),
        ("quarter", day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)),
    )


class Sums:
    """What is to be added to the rollups: below zero where something no longer counts there."""

    def __init__(self) -> None:
        self.member_days: dict[MemberDayKey, list[float]] = {}
        self.member_periods: dict[MemberPeriodKey, list[int]] = {}
        self.object_days: dict[ObjectDayKey, list[float]] = {}

    def add(self, state: State, *, staff: bool, sign: int, in_periods: bool = True) -> None:
        """Add a fact as it counts, or take it away; without `in_periods` to nothing but days."""
        day = state.day
        if day is None or state.voided:
            return
        value = sign * (state.value or 0.0)
        if state.about is not None:
            thing = ObjectDayKey(state.community_id, day, state.verb, state.about, staff)
            _add(self.object_days.setdefault(thing, [0, 0.0]), sign, value)
        if state.member_id is None or state.place_id is None:
            return
        member = MemberDayKey(state.community_id, day, state.verb, state.member_id, state.place_id)
        _add(self.member_days.setdefault(member, [0, 0.0]), sign, value)
        classes = classes_of(state.verb)
        if in_periods and any(classes):
            for grain, starts_on in period_starts(day):
                period = MemberPeriodKey(state.community_id, grain, starts_on, state.member_id, staff)
                counted = self.member_periods.setdefault(period, [0, 0, 0])
                for place, is_of_class in enumerate(classes):
                    counted[place] += sign * is_of_class


def classes_of(verb: int) -> tuple[bool, bool, bool]:
    """Whether it makes somebody active, whether it is taking part, whether it is reading."""
    return verb in ACTIVE, verb in TAKING_PART, verb in READING


def _add(sums: list[float], n: int, value: float) -> None:
    sums[0] += n
    sums[1] += value
