"""Periods of a community's calendar. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chassis.days import months_later

_ONE_DAY = timedelta(days=1)
_MONTHS_OF_A_YEAR = 12


class Grain(StrEnum):
    """How long a period is. Weeks begin on Monday; months and quarters are those of the calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days of a community, both included."""

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends_on - self.starts_on).days + 1

    def __contains__(self, day: date) -> bool:
        """Whether a day is one of it."""
        return self.starts_on <= day <= self.ends_on


def start_of(day: date, grain: Grain) -> date:
    """The first day of the period that a day is in."""
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def period_of(day: date, grain: Grain) -> Period:
    """The period that a day is in."""
    begins = start_of(day, grain)
    match grain:
        case Grain.DAY:
            return Period(begins, begins)
        case Grain.WEEK:
            return Period(begins, begins + timedelta(days=6))
        case Grain.MONTH:
            return Period(begins, months_later(begins, 1) - _ONE_DAY)
        case Grain.QUARTER:
            return Period(begins, months_later(begins, 3) - _ONE_DAY)


def start_before(day: date, grain: Grain) -> date:
    """The first day of the period before the one that a day is in."""
    return start_of(start_of(day, grain) - _ONE_DAY, grain)


def periods(first: date, last: date, grain: Grain | None) -> list[Period]:
    """The whole periods in which the days from `first` to `last` are; without a grain these days themselves."""
    return [Period(first, last)] if grain is None else list(_following(first, last, grain))


def _following(first: date, last: date, grain: Grain) -> Iterator[Period]:
    period = period_of(first, grain)
    while period.starts_on <= last:
        yield period
        period = period_of(period.ends_on + _ONE_DAY, grain)


MOST_RUNS = 4


def runs(some: Sequence[Period]) -> list[list[Period]]:
    """Periods in order, those together that follow each other; all together where there would be many runs."""
    found: list[list[Period]] = []
    for period in some:
        if found and found[-1][-1].ends_on + _ONE_DAY == period.starts_on:
            found[-1].append(period)
        else:
            found.append([period])
    return found if len(found) <= MOST_RUNS else [list(some)]


def count_periods(first: date, last: date, grain: Grain) -> int:
    """How many there are, without making them: a caller may name any two days."""
    begins, ends = start_of(first, grain), start_of(last, grain)
    match grain:
        case Grain.DAY:
            return (ends - begins).days + 1
        case Grain.WEEK:
            return (ends - begins).days // 7 + 1
        case Grain.MONTH:
            return _months_between(begins, ends) + 1
        case Grain.QUARTER:
            return _months_between(begins, ends) // 3 + 1


def before(first: date, last: date) -> Period:
    """The days before a range that it is compared with: as many, or, of whole months, as many months."""
    month_ends = (last + _ONE_DAY).day == 1
    if first.day == 1 and month_ends:
        months = _months_between(first, last) + 1
        return Period(months_later(first, -months), first - _ONE_DAY)
    return Period(first - (last - first) - _ONE_DAY, first - _ONE_DAY)


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * _MONTHS_OF_A_YEAR + last.month - first.month


def number_of(day: date, grain: Grain) -> int:
    """The number of the period that a day is in: that of the next is one more."""
    match grain:
        case Grain.DAY:
            return day.toordinal()
        case Grain.WEEK:
            return (day.toordinal() - 1) // 7
        case Grain.MONTH:
            return day.year * _MONTHS_OF_A_YEAR + day.month - 1
        case Grain.QUARTER:
            return (day.year * _MONTHS_OF_A_YEAR + day.month - 1) // 3


def gini(members: Mapping[int, int]) -> float | None:
    """How unequally something is spread: 0 where all have as much, towards 1 where one has everything (Gini 1912).

    `members` says how many members have which amount. None of nobody, or of nothing.
    """
    count = sum(members.values())
    total = sum(amount * many for amount, many in members.items())
    if not count or not total:
        return None
    ranked, before = 0, 0
    for amount in sorted(members):
        many = members[amount]
        # The sum of the ranks before + 1 … before + many.
        ranked += amount * (many * before + many * (many + 1) // 2)
        before += many
    return 2 * ranked / (count * total) - (count + 1) / count
