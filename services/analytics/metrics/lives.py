"""Who came, stayed, came back and fell silent, from one period to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Subquery,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import is_postgres, rows_of
from services.analytics.facts.verbs import ACTIVE, numbers
from services.analytics.metrics.frame import Asked, Cell, until_today
from services.analytics.metrics.rules import Grain, Period, before, number_of, start_before
from services.analytics.metrics.tallies import (
    DAYS,
    PERIODS,
    PLACES,
    called,
    group_column,
    of_days,
    of_periods,
    placed,
    read_generation,
    with_groups,
)


@dataclass(slots=True)
class Lives:
    """How many of a period's active members were never active before, were in the period before, or only longer ago; and who was active in the
    period before, and not in this one.
    """

    new: int = 0
    returning: int = 0
    resurrected: int = 0
    dormant: int = 0


async def lives(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> dict[Cell, Lives]:
    """The lives of members in each period. Without a grain, the period before has as many days."""
    grain = asked.grain
    if grain is None:
        first = before(periods[0].starts_on, periods[0].ends_on).starts_on
        numbered = {0: periods[0]}
    else:
        first = start_before(periods[0].starts_on, grain)
        numbered = {number_of(one.starts_on, grain): one for one in periods}
    found: dict[Cell, Lives] = {}

    def of(number: int, group: Any) -> Lives:
        # Of a period that was not asked for, nobody wants to know.
        period = numbered.get(number)
        return Lives() if period is None else found.setdefault((period, called(asked.group_by, group)), Lives())

    for number, group, new, returning, resurrected, silent in await rows_of(
        session, _counted(session, asked, first, periods)
    ):
        lived = of(number, group)
        lived.new, lived.returning, lived.resurrected = int(new), int(returning), int(resurrected)
        of(number + 1, group).dormant = int(silent)
    return found


def _counted(session: AsyncSession, asked: Asked, first: date, periods: Sequence[Period]) -> Any:
    did = _active(session, asked, first, periods)
    member, number = did.c.member_id, did.c.number
    lined = select(
        did.c.number,
        did.c.member_id,
        func.lag(number).over(partition_by=member, order_by=number).label("last"),
        func.lead(number).over(partition_by=member, order_by=number).label("next"),
    ).subquery()
    earlier = exists(
        select(literal(1))
        .select_from(placed())
        .where(
            DAYS.c.generation == read_generation(),
            DAYS.c.member_id == lined.c.member_id,
            DAYS.c.day < first,
            DAYS.c.n > 0,
            among(session, DAYS.c.verb, numbers(ACTIVE)),
            *([] if asked.staff else [~PLACES.c.staff]),
        )
    )
    known_ = select(
        lined.c.number,
        lined.c.member_id,
        lined.c.last,
        lined.c.next,
        case((lined.c.last.is_(None) & earlier, 1), else_=0).label("earlier"),
    ).subquery()
    fresh = known_.c.last.is_(None) & (known_.c.earlier == 0)
    returns = known_.c.last == known_.c.number - 1
    comes_back = (known_.c.last < known_.c.number - 1) | (known_.c.earlier == 1)
    silent = known_.c.next.is_(None) | (known_.c.next > known_.c.number + 1)
    group = group_column(asked.group_by)
    return (
        select(known_.c.number, group, *(_sum(one) for one in (fresh, returns, comes_back, silent)))
        .select_from(with_groups(known_, known_, asked.group_by))
        .group_by(known_.c.number, group)
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _active(session: AsyncSession, asked: Asked, first: date, periods: Sequence[Period]) -> Subquery:
    """In which periods, by number, each member was active."""
    last = periods[-1].ends_on
    if asked.grain in {Grain.WEEK, Grain.MONTH, Grain.QUARTER}:
        number = number_column(session, PERIODS.c.starts_on, asked.grain)
        where = of_periods(asked, asked.grain, first, last, "deeds")
        return select(number.label("number"), PERIODS.c.member_id).where(*where).distinct().subquery()
    if asked.grain is None:
        number = case((DAYS.c.day < periods[0].starts_on, -1), else_=0)
    else:
        number = number_column(session, DAYS.c.day, asked.grain)
    where = of_days(session, asked, (first, last), ACTIVE)
    return select(number.label("number"), DAYS.c.member_id).select_from(placed()).where(*where).distinct().subquery()


_EPOCH = date(1970, 1, 1)


ROLLING_DAYS = 30


async def rolling(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> dict[Cell, int]:
    """How many different members were active in the 30 days that end with each period, or with today where it is not over.

    Who is active on a day counts from then on until they are active again, for 30 days at most: so that each counts once, and only what
    changes from day to day is read.
    """
    first = periods[0].starts_on - timedelta(days=ROLLING_DAYS - 1)
    group = group_column(asked.group_by).label("group")
    day = number_column(session, DAYS.c.day, Grain.DAY).label("day")
    did = (
        select(day, group, DAYS.c.member_id)
        .select_from(with_groups(placed(), DAYS, asked.group_by))
        .where(*of_days(session, asked, (first, periods[-1].ends_on), ACTIVE))
        .distinct()
        .subquery()
    )
    again = func.lead(did.c.day).over(partition_by=(did.c.member_id, did.c.group), order_by=did.c.day).label("again")
    lined = select(did.c.day, did.c.group, again).subquery()
    ended = lined.c.day + ROLLING_DAYS
    until = case((lined.c.again < ended, lined.c.again), else_=ended)
    changes = union_all(
        select(lined.c.day.label("day"), lined.c.group, literal(1, Integer).label("change")),
        select(until, lined.c.group, literal(-1, Integer)),
    ).subquery()
    rows = await rows_of(
        session,
        select(changes.c.day, changes.c.group, func.sum(changes.c.change))
        .group_by(changes.c.day, changes.c.group)
        .order_by(changes.c.day),
    )
    found: dict[Cell, int] = {}
    totals: dict[str | None, int] = {}
    place = 0
    for period, come in zip(periods, until_today(asked, periods), strict=True):
        last = come.ends_on.toordinal()
        while place < len(rows) and rows[place][0] <= last:
            name = called(asked.group_by, rows[place][1])
            totals[name] = totals.get(name, 0) + int(rows[place][2])
            place += 1
        found |= {(period, name): total for name, total in totals.items() if total}
    return found


def number_column(session: AsyncSession, day: ColumnElement[date], grain: Grain) -> ColumnElement[int]:
    """`number_of`, as the database finds it."""
    if grain in {Grain.DAY, Grain.WEEK}:
        since = cast(func.julianday(day) - func.julianday(_EPOCH.isoformat()), Integer)
        days: ColumnElement[Any] = type_coerce(day - literal(_EPOCH, Date), Integer) if is_postgres(session) else since
        days = days + _EPOCH.toordinal()
        return days if grain is Grain.DAY else (days - 1) // 7
    if is_postgres(session):
        months = cast(extract("year", day), Integer) * 12 + cast(extract("month", day), Integer) - 1
    else:
        months = cast(func.strftime("%Y", day), Integer) * 12 + cast(func.strftime("%m", day), Integer) - 1
    return months if grain is Grain.MONTH else months // 3
