"""Cohorts, and the windows in which their members may be active. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import repeat
from typing import NamedTuple

from chassis.days import months_later
from services.analytics.metrics.rules import Grain, Period, period_of, start_of

_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONTHS_OF_A_YEAR = 12


class CohortGrain(StrEnum):
    """Who belongs together: who joined in the same week, from Monday on, or in the same month."""

    WEEK = "week"
    MONTH = "month"

    @property
    def grain(self) -> Grain:
        """The same as a period of metrics."""
        return Grain(self.value)


LONGEST = {CohortGrain.WEEK: timedelta(days=7), CohortGrain.MONTH: timedelta(days=31)}
"""Of a window, with all of its days."""


class Count(StrEnum):
    """What the cells of a cohort are.

    `calendar`: the weeks or months of the calendar, the first one that in which they joined.
    `rolling`: weeks or months from the day on which each of them joined.
    """

    CALENDAR = "calendar"
    ROLLING = "rolling"


class Cell(NamedTuple):
    """How many of a cohort were active in one of its windows; `complete` once the window is over for all of them."""

    n: int
    share: float | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a cohort: how many were active in each window that has begun for all of them, of which so many are over; None behind these.

    It is written down short: an answer has up to 120 of 120 cells, and most are as they were in the answer before.
    """

    size: int
    counts: tuple[int, ...]
    over: int
    width: int

    def __iter__(self) -> Iterator[Cell | None]:
        for number, n in enumerate(self.counts):
            yield Cell(n, n / self.size if self.size else None, number < self.over)
        yield from repeat(None, self.width - len(self.counts))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Members who joined in the same period: how many, and when the last of them joined."""

    size: int
    last_joined_on: date


def later(day: date, grain: CohortGrain, count: int) -> date:
    """So many weeks or months after a day; of a month that is too short its last day.

    Always counted from the day itself: so windows from 31 January begin on 28 February and on 31 March.
    """
    if grain is CohortGrain.WEEK:
        return day + count * _WEEK
    return months_later(day, count)


def count_between(first: date, last: date, grain: CohortGrain) -> int:
    """How many weeks or months of the calendar begin after the one of `first`, up to the one of `last`."""
    if grain is CohortGrain.WEEK:
        return (start_of(last, Grain.WEEK) - start_of(first, Grain.WEEK)).days // 7
    return (last.year - first.year) * _MONTHS_OF_A_YEAR + last.month - first.month


def begins(cohort: date, members: Cohort | None, count: Count) -> date:
    """When the first window has begun for all of a cohort. By the calendar that is at once; else the last one to join begins last."""
    return cohort if count is Count.CALENDAR or members is None else members.last_joined_on


def cells(
    period: Period,
    cohort: Cohort | None,
    active: Mapping[int, int],
    *,
    grain: CohortGrain,
    count: Count,
    width: int,
    today: date,
) -> Row:
    """The cells of one cohort; None where not all of its members can have come so far."""
    size = cohort.size if cohort is not None else 0
    since = begins(period.starts_on, cohort, count)
    over = count_over(since, grain, today, width)
    begun = min(width, over + 1) if since <= today else 0
    return Row(size, tuple(map(active.get, range(begun), repeat(0))), over, width)


def count_over(since: date, grain: CohortGrain, day: date, most: int) -> int:
    """How many of the first windows from a day on are over before another day begins."""
    if day < since:
        return 0
    if grain is CohortGrain.WEEK:
        return min(most, (day - since).days // 7)
    months = count_between(since, day, grain)
    return min(most, months if later(since, grain, months) <= day else months - 1)


def default_first(today: date, grain: CohortGrain, cohorts: int) -> date:
    """The first day of the first of so many cohorts, the last of which is today's."""
    begins = start_of(today, grain.grain)
    return begins - (cohorts - 1) * _WEEK if grain is CohortGrain.WEEK else later(begins, grain, 1 - cohorts)


def ends_of_months(first: date, last: date) -> Sequence[date]:
    """The last days of the months from one day to another."""
    found = []
    day = first
    while day <= last:
        day = period_of(day, Grain.MONTH).ends_on
        found.append(day)
        day += _ONE_DAY
    return found
