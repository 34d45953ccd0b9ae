"""Counting what happened in periods, by what it is broken down by: from rollups, so that it costs as much as the days asked for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    String,
    Table,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import is_postgres, rows_of
from services.analytics.base import known
from services.analytics.facts.models import MemberDay, MemberPeriod, ObjectDay, Place, RollupGeneration
from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, Verb, numbers
from services.analytics.metrics.frame import Asked, Cell, Group
from services.analytics.metrics.rules import Grain, Period, period_of

DAYS: Table = MemberDay.__table__  # type: ignore[attr-defined]
PERIODS: Table = MemberPeriod.__table__  # type: ignore[attr-defined]
OBJECTS: Table = ObjectDay.__table__  # type: ignore[attr-defined]
PLACES: Table = Place.__table__  # type: ignore[attr-defined]
_GENERATIONS: Table = RollupGeneration.__table__  # type: ignore[attr-defined]
_ONE_DAY = timedelta(days=1)

What = Literal["deeds", "taking_part", "reads"]
_CLASSES: dict[What, Collection[Verb]] = {"deeds": ACTIVE, "taking_part": TAKING_PART, "reads": READING}
SHARED = (Verb.PUBLISHED_ARTICLE, Verb.PROPOSED_IDEA)
"""Their value is the part of each author."""
_PRESENT = frozenset({None, Group.COHORT, Group.CHANNEL})
"""What breaks people down as they are now, so that it needs not be known where they worked when they did something."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deeds, what they are worth together, and how many different members did them.

    A deed that several share, as an article of two authors, is a part of one for each.
    """

    deeds: float
    value: float
    members: int


def read_generation() -> ColumnElement[Any]:
    """The generation of the rollups that is read now."""
    reading = select(_GENERATIONS.c.reading).where(_GENERATIONS.c.id == 1).scalar_subquery()
    return func.coalesce(reading, 1)


def began(session: AsyncSession, day: ColumnElement[date], grain: Grain | None, whole: Period) -> ColumnElement[date]:
    """The first day of the period that a day is in, as the database finds it."""
    if grain is None:
        return literal(whole.starts_on, Date)
    if grain is Grain.DAY:
        return day
    if is_postgres(session):
        return cast(func.date_trunc(grain.value, day), Date)
    match grain:
        case Grain.WEEK:
            found = func.date(day, "-6 days", "weekday 1")
        case Grain.MONTH:
            found = func.date(day, "start of month")
        case _:
            past = (cast(func.strftime("%m", day), Integer) - 1) % 3
            found = func.date(day, "start of month", func.printf("-%d months", past))
    return type_coerce(found, Date)


async def tallies(
    session: AsyncSession, asked: Asked, periods: Sequence[Period], verbs: Collection[Verb]
) -> dict[Cell, Tally]:
    """What members did of these kinds in each period, by breakdown value. A member counts once in each of them."""
    begins = began(session, DAYS.c.day, asked.grain, periods[0])
    whole = case((among(session, DAYS.c.verb, numbers(SHARED)), DAYS.c.value), else_=DAYS.c.n)
    numbers_ = (func.sum(whole), func.sum(DAYS.c.value), func.count(DAYS.c.member_id.distinct()))
    group = group_column(asked.group_by)
    found = await rows_of(
        session,
        select(begins, group, *numbers_)
        .select_from(with_groups(placed(), DAYS, asked.group_by))
        .where(*of_days(session, asked, _range(periods), verbs))
        .group_by(*_GROUPED),
    )
    return by_cell(
        periods, asked, ((row[0], row[1], Tally(round(float(row[2]), 6), float(row[3]), row[4])) for row in found)
    )


async def balances(
    session: AsyncSession, asked: Asked, periods: Sequence[Period], given: Collection[Verb], gone: Collection[Verb]
) -> dict[Cell, float]:
    """What was given until the end of each period less what had gone by then, by what members are now."""
    first, last = _range(periods)
    begins = case((DAYS.c.day < first, literal(None, Date)), else_=began(session, DAYS.c.day, asked.grain, periods[0]))
    group = group_column(asked.group_by)
    signed = case((among(session, DAYS.c.verb, numbers(given)), DAYS.c.value), else_=-DAYS.c.value)
    found = await rows_of(
        session,
        select(begins, group, func.sum(signed))
        .select_from(with_groups(DAYS, DAYS, asked.group_by))
        .where(
            DAYS.c.generation == read_generation(),
            DAYS.c.community_id == asked.community_id,
            DAYS.c.day <= last,
            DAYS.c.n > 0,
            among(session, DAYS.c.verb, numbers([*given, *gone])),
        )
        .group_by(*_GROUPED),
    )
    changes: dict[date | None, dict[str | None, float]] = {}
    for day, name, change in found:
        of_day = changes.setdefault(day, {})
        of_day[called(asked.group_by, name)] = of_day.get(called(asked.group_by, name), 0.0) + float(change)
    totals = dict(changes.get(None, {}))
    counted: dict[Cell, float] = {}
    for period in periods:
        for name, change in changes.get(period.starts_on, {}).items():
            totals[name] = totals.get(name, 0.0) + change
        counted |= {(period, name): round(total, 6) for name, total in totals.items() if total}
    return counted


async def member_days(
    session: AsyncSession, asked: Asked, periods: Sequence[Period], verbs: Collection[Verb]
) -> dict[Cell, int]:
    """On how many days members did one of these, all members together."""
    group = group_column(asked.group_by).label("group")
    did = (
        select(DAYS.c.day, group, DAYS.c.member_id)
        .select_from(with_groups(placed(), DAYS, asked.group_by))
        .where(*of_days(session, asked, _range(periods), verbs))
        .distinct()
        .subquery()
    )
    begins = began(session, did.c.day, asked.grain, periods[0])
    found = await rows_of(session, select(begins, did.c.group, func.count()).group_by(*_GROUPED))
    return by_cell(periods, asked, found)


async def spread(
    session: AsyncSession, asked: Asked, periods: Sequence[Period], verbs: Collection[Verb]
) -> dict[Cell, dict[int, int]]:
    """How many members did how much of these in each period: by the amount, the members."""
    begins = began(session, DAYS.c.day, asked.grain, periods[0]).label("begins")
    did = (
        select(
            begins, group_column(asked.group_by).label("group"), DAYS.c.member_id, func.sum(DAYS.c.n).label("amount")
        )
        .select_from(with_groups(placed(), DAYS, asked.group_by))
        .where(*of_days(session, asked, _range(periods), verbs))
        .group_by(*_GROUPED, DAYS.c.member_id)
        .subquery()
    )
    rows = await rows_of(
        session,
        select(did.c.begins, did.c.group, did.c.amount, func.count()).group_by(*_GROUPED, literal_column("3")),
    )
    found: dict[tuple[date, Any], dict[int, int]] = {}
    for first, group, amount, members in rows:
        found.setdefault((first, group), {})[int(amount)] = members
    return by_cell(periods, asked, ((first, group, amounts) for (first, group), amounts in found.items()))


async def written(
    session: AsyncSession, asked: Asked, periods: Sequence[Period], verbs: Collection[Verb]
) -> dict[Cell, float]:
    """How many of these there were, also by who is not named, for whom there is no department."""
    begins = began(session, OBJECTS.c.day, asked.grain, periods[0])
    kind = OBJECTS.c.verb if asked.group_by is Group.KIND else cast(null(), String)
    whole = case((among(session, OBJECTS.c.verb, numbers(SHARED)), OBJECTS.c.value), else_=OBJECTS.c.n)
    found = await rows_of(
        session,
        select(begins, kind, func.sum(whole))
        .where(
            OBJECTS.c.generation == read_generation(),
            OBJECTS.c.community_id == asked.community_id,
            OBJECTS.c.day.between(*_range(periods)),
            OBJECTS.c.n > 0,
            among(session, OBJECTS.c.verb, numbers(verbs)),
            *([] if asked.staff else [~OBJECTS.c.staff]),
        )
        .group_by(*_GROUPED),
    )
    return by_cell(periods, asked, ((first, group, round(float(count), 6)) for first, group, count in found))


async def different(session: AsyncSession, asked: Asked, periods: Sequence[Period], what: What) -> dict[Cell, int]:
    """How many different members did something, took part or read in each period, by breakdown value."""
    if asked.group_by not in _PRESENT or asked.grain is Grain.DAY:
        counted = await tallies(session, asked, periods, _CLASSES[what])
        return {cell: tally.members for cell, tally in counted.items()}
    if asked.grain is None:
        return await _in_a_range(session, asked, periods[0], what)
    first, last = _range(periods)
    found = await rows_of(
        session,
        select(PERIODS.c.starts_on, group_column(asked.group_by), func.count(PERIODS.c.member_id.distinct()))
        .select_from(with_groups(PERIODS, PERIODS, asked.group_by))
        .where(*of_periods(asked, asked.grain, first, last, what))
        .group_by(*_GROUPED),
    )
    return by_cell(periods, asked, found)


async def _in_a_range(session: AsyncSession, asked: Asked, period: Period, what: What) -> dict[Cell, int]:
    """Of any days: the whole months among them by months, only the rest by days."""
    first, last = _whole_months(period)
    parts = [
        select(DAYS.c.member_id).select_from(placed()).where(*of_days(session, asked, (begins, ends), _CLASSES[what]))
        for begins, ends in _around(period, first, last)
    ]
    if first <= last:
        parts.append(select(PERIODS.c.member_id).where(*of_periods(asked, Grain.MONTH, first, last, what)))
    who = union_all(*parts).subquery()
    found = await rows_of(
        session,
        select(literal(period.starts_on, Date), group_column(asked.group_by), func.count(who.c.member_id.distinct()))
        .select_from(with_groups(who, who, asked.group_by))
        .group_by(*_GROUPED),
    )
    return by_cell([period], asked, found)


def _whole_months(period: Period) -> tuple[date, date]:
    """The first day of the first whole month and the last of the last; the other way around where there is none."""
    first = period_of(period.starts_on, Grain.MONTH)
    last = period_of(period.ends_on, Grain.MONTH)
    begins = first.starts_on if first.starts_on == period.starts_on else first.ends_on + _ONE_DAY
    ends = last.ends_on if last.ends_on == period.ends_on else last.starts_on - _ONE_DAY
    return begins, ends


def _around(period: Period, first: date, last: date) -> list[tuple[date, date]]:
    """The days of a period before and after these."""
    if first > last:
        return [(period.starts_on, period.ends_on)]
    parts = [(period.starts_on, first - _ONE_DAY), (last + _ONE_DAY, period.ends_on)]
    return [(begins, ends) for begins, ends in parts if begins <= ends]


_GROUPED: tuple[ColumnElement[Any], ...] = (literal_column("1"), literal_column("2"))


def _range(periods: Sequence[Period]) -> tuple[date, date]:
    return periods[0].starts_on, periods[-1].ends_on


def placed() -> FromClause:
    """What members did, with where they were."""
    return DAYS.join(PLACES, PLACES.c.id == DAYS.c.place_id)


def with_groups(source: FromClause, who: FromClause, group_by: Group | None) -> FromClause:
    """With what members are now, if that is asked for."""
    if group_by not in _PRESENT or group_by is None:
        return source
    return source.outerjoin(known.members, known.members.c.id == who.c.member_id)


def group_column(group_by: Group | None) -> ColumnElement[Any]:
    """What a row of `member_days` is broken down by."""
    return DAYS.c.verb if group_by is Group.KIND else people_column(group_by, PLACES)


def people_column(group_by: Group | None, places: FromClause) -> ColumnElement[Any]:
    """What members are broken down by; `places` says where they worked. Null for what no member has."""
    match group_by:
        case Group.DEPARTMENT:
            return places.c.department_code
        case Group.JOB_GRADE:
            return places.c.job_grade
        case Group.COHORT:
            return known.members.c.cohort_id
        case Group.CHANNEL:
            return known.members.c.channel
    return cast(null(), String)


def of_days(
    session: AsyncSession, asked: Asked, days: tuple[date, date], verbs: Collection[Verb]
) -> list[ColumnElement[bool]]:
    """Which rows of `placed` count."""
    return [
        DAYS.c.generation == read_generation(),
        DAYS.c.community_id == asked.community_id,
        DAYS.c.day.between(*days),
        DAYS.c.n > 0,
        among(session, DAYS.c.verb, numbers(verbs)),
        *([] if asked.staff else [~PLACES.c.staff]),
    ]


def of_periods(asked: Asked, grain: Grain, first: date, last: date, what: What) -> list[ColumnElement[bool]]:
    """Which rows of members' weeks, months or quarters count."""
    return [
        PERIODS.c.generation == read_generation(),
        PERIODS.c.community_id == asked.community_id,
        PERIODS.c.grain == grain.value,
        PERIODS.c.starts_on.between(first, last),
        PERIODS.c[what] > 0,
        *([] if asked.staff else [~PERIODS.c.staff]),
    ]


def by_cell(periods: Sequence[Period], asked: Asked, rows: Iterable[Any]) -> dict[Cell, Any]:
    """Rows of a period's first day, a breakdown value and something, for the periods that were asked for."""
    wanted = {period.starts_on: period for period in periods}
    return {(wanted[begins], called(asked.group_by, group)): found for begins, group, found in rows if begins in wanted}


def called(group_by: Group | None, group: Any) -> str | None:
    """A breakdown value as answers have it; None where somebody has none, as no department."""
    if group_by is None or group is None or group == "":
        return None
    return Verb(group).name.lower() if group_by is Group.KIND else str(group)
