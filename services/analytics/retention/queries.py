"""Who joined when, and who of them was active when: from rollups, by the database."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.util import LRUCache
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared, is_postgres, rows_of
from services.analytics.facts.verbs import ACTIVE, numbers
from services.analytics.metrics.rules import Period
from services.analytics.metrics.spells import SPELLS
from services.analytics.metrics.tallies import DAYS, PERIODS, began, read_generation
from services.analytics.retention.rules import LONGEST, Cohort, CohortGrain, count_between, ends_of_months, later

_GROUPED: tuple[ColumnElement[Any], ...] = (literal_column("1"), literal_column("2"))

Active = dict[date, dict[int, int]]
"""By the first day of the cohort and the number of the window: how many were active in it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Members of a community by when they first joined: of these cohorts."""

    community_id: UUID
    cohorts: Period
    grain: CohortGrain
    staff: bool


async def sizes(session: AsyncSession, joined: Joined) -> dict[date, Cohort]:
    """The cohorts that have anybody, by their first day."""
    who = _who(session, joined)
    found = await rows_of(
        session, select(who.c.cohort, func.count(), func.max(who.c.joined_on)).select_from(who).group_by(who.c.cohort)
    )
    return {cohort: Cohort(size, last) for cohort, size, last in found if cohort in joined.cohorts}


async def active_by_calendar(session: AsyncSession, joined: Joined, *, since: date, until: date) -> Active:
    """How many were active in the periods from the one that begins on a day until the one of another."""
    who = _who(session, joined)
    done = _apart(
        select(PERIODS.c.member_id, PERIODS.c.starts_on).where(
            PERIODS.c.generation == read_generation(),
            PERIODS.c.community_id == joined.community_id,
            PERIODS.c.grain == joined.grain.value,
            PERIODS.c.starts_on.between(since, until),
            PERIODS.c.deeds > 0,
        )
    )
    found = await rows_of(
        session,
        select(who.c.cohort, done.c.starts_on, func.count(done.c.member_id.distinct()))
        .select_from(who.join(done, done.c.member_id == who.c.member_id))
        .group_by(*_GROUPED),
    )
    active: Active = defaultdict(dict)
    for cohort, starts_on, members in found:
        if cohort not in joined.cohorts:
            continue
        active[cohort][count_between(cohort, starts_on, joined.grain)] = members
    return active


async def active_by_own_time(
    session: AsyncSession, joined: Joined, width: int, *, since: date, until: date, closed_at: date
) -> tuple[Active, Active]:
    """How many did something for the first time in a window of their own, which begins for each by the day on which they joined.

    From one day until another; who had done something in the same window before is not looked at. Then the same again of those who did it
    before a day in between.
    """
    until = min(until, later(joined.cohorts.ends_on, joined.grain, width))
    asked = (is_postgres(session), joined, since, until, closed_at)
    statement = _prepared.get(asked)
    if statement is None:
        statement = _prepared[asked] = Prepared(_first_in_windows(session, joined, since, until, closed_at))
    active: Active = defaultdict(dict)
    closed: Active = defaultdict(dict)
    for cohort, window, members, before in await statement.all(session):
        if cohort in joined.cohorts:
            active[cohort][int(window)] = members
            closed[cohort][int(window)] = int(before)
    return active, closed


_prepared: LRUCache[Any, Prepared[Any]] = LRUCache(200)
"""Of a day each is asked many times: to put it together costs as much as what it finds."""


def _first_in_windows(session: AsyncSession, joined: Joined, since: date, until: date, closed_at: date) -> Select[Any]:
    once = _once(session, joined, since, until)
    if since > joined.cohorts.starts_on:
        once = _not_before(session, once, joined, since)
    early = func.sum(case((once.c.first < closed_at, 1), else_=0))
    return select(once.c.cohort, once.c.number, func.count(), early).select_from(once).group_by(*_GROUPED)


def _once(session: AsyncSession, joined: Joined, since: date, until: date) -> Subquery:
    """Who did something in which of their own windows, once each, with the first day of it."""
    who = _who(session, joined)
    done = _apart(
        select(DAYS.c.member_id, DAYS.c.day)
        .where(
            DAYS.c.generation == read_generation(),
            DAYS.c.community_id == joined.community_id,
            DAYS.c.day.between(since, until),
            DAYS.c.n > 0,
            among(session, DAYS.c.verb, numbers(ACTIVE)),
        )
        .distinct()
    )
    number = _number(session, done.c.day, who.c.joined_on, joined, until).label("number")
    return (
        select(
            who.c.cohort,
            number,
            who.c.member_id,
            func.min(who.c.joined_on).label("joined_on"),
            func.min(done.c.day).label("first"),
        )
        .select_from(who.join(done, and_(done.c.member_id == who.c.member_id, done.c.day >= who.c.joined_on)))
        .group_by(*_GROUPED, literal_column("3"))
        .subquery()
    )


def _not_before(session: AsyncSession, once: Subquery, joined: Joined, since: date) -> Subquery:
    """Of them those who did nothing in the same window before a day: the last day before on which each did something is in another."""
    before = DAYS.alias("before")
    ended = since - timedelta(days=1)
    # The last one, and not one of that window: so it is looked up, and where there is one, nothing else is read. A member is of one community.
    last = (
        select(before.c.day)
        .where(
            before.c.generation == read_generation(),
            before.c.member_id == once.c.member_id,
            before.c.day >= once.c.joined_on,
            before.c.day.between(_said(since - LONGEST[joined.grain]), _said(ended)),
            before.c.n > literal_column("0"),
            among(session, before.c.verb, numbers(ACTIVE)),
        )
        .order_by(before.c.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    looked = _apart(select(once, last.label("last")), "looked")
    number = _number(session, looked.c.last, looked.c.joined_on, joined, ended)
    return select(looked).where(number.is_distinct_from(looked.c.number)).subquery()


def _said(day: date) -> ColumnElement[date]:
    """A day as part of the statement: of days it does not know PostgreSQL expects so few rows that it would read and sort them all."""
    return literal_column(f"'{day.isoformat()}'", Date())


def _apart(what: Select[Any], name: str = "done") -> CTE:
    """What was done, read once: PostgreSQL takes the members for a few, and would look through all of it again for each."""
    return what.cte(name).prefix_with("MATERIALIZED")


def _who(session: AsyncSession, joined: Joined) -> Subquery:
    """Member, first day as one, and the first day of the cohort. Whoever ran the community on that day is none of them."""
    # The whole community: who has another spell in the range may have joined before. Other cohorts are left out by who asks: a range of sums
    # tells PostgreSQL that it will be one member, and then it looks through all that was done once for each.
    first = (
        select(SPELLS.c.member_id, func.min(SPELLS.c.starts_on).label("joined_on"))
        .where(SPELLS.c.community_id == joined.community_id)
        .group_by(SPELLS.c.member_id)
        .subquery()
    )
    cohort = began(session, first.c.joined_on, joined.grain.grain, joined.cohorts).label("cohort")
    who = select(first.c.member_id, first.c.joined_on, cohort)
    if not joined.staff:
        ran_it = select(SPELLS.c.member_id).where(
            SPELLS.c.member_id == first.c.member_id, SPELLS.c.starts_on == first.c.joined_on, SPELLS.c.staff
        )
        who = who.where(~ran_it.exists())
    return who.subquery()


def _number(
    session: AsyncSession, day: ColumnElement[date], joined_on: ColumnElement[date], joined: Joined, until: date
) -> ColumnElement[Any]:
    """In which of a member's own weeks or months a day is: as `rules.later` counts them."""
    if joined.grain is CohortGrain.WEEK:
        return _days_between(session, joined_on, day) // 7
    begun = _month(session, day) - _month(session, joined_on)
    # Where a month is too short to have the day on which they joined, its last day takes that place.
    not_yet = and_(
        _part(session, day, "day") < _part(session, joined_on, "day"),
        ~among(session, day, _last_days(joined, until)),
    )
    return begun - case((not_yet, 1), else_=0)


def _last_days(joined: Joined, until: date) -> Collection[date]:
    return ends_of_months(joined.cohorts.starts_on, until)


def _days_between(session: AsyncSession, first: ColumnElement[date], last: ColumnElement[date]) -> ColumnElement[Any]:
    if is_postgres(session):
        return cast(last - first, Integer)
    return cast(func.julianday(last) - func.julianday(first), Integer)


def _month(session: AsyncSession, day: ColumnElement[date]) -> ColumnElement[Any]:
    return _part(session, day, "year") * 12 + _part(session, day, "month")


_PLACES = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}


def _part(session: AsyncSession, day: ColumnElement[date], part: str) -> ColumnElement[Any]:
    if is_postgres(session):
        # Not `extract`, whose exact numbers take three times as long.
        return cast(func.date_part(part, day), Integer)
    # As it is written there: asked for hundreds of thousands of days, which `strftime` reads several times as slowly.
    return cast(func.substr(day, *_PLACES[part]), Integer)
