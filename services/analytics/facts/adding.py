"""Adding up facts where they are stored, without reading them: what `rules.Sums` does for those at hand."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, bindparam
from services.analytics.facts.dimensions import places
from services.analytics.facts.rules import FactKey
from services.analytics.facts.store import facts, member_days, member_periods, object_days
from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, Verb, numbers

_CLASSES = {"deeds": ACTIVE, "taking_part": TAKING_PART, "reads": READING}
_GRAINS = ("week", "month", "quarter")
_BEFORE_ALL = UUID(int=0)


async def add_stored(session: AsyncSession, generation: int, *, after: FactKey | None, upto: Sequence[FactKey]) -> None:
    """Add the facts behind one name, up to others, each the last of its verb, to a generation of the rollups."""
    for last in upto:
        first = after.key if after is not None and after.verb == last.verb else _BEFORE_ALL
        names = {"named_verb": last.verb, "after_key": first, "upto_key": last.key}
        for adding in (_TO_MEMBER_DAYS, _TO_OBJECT_DAYS):
            await adding.run(session, generation=generation, **names)


async def last_of_days(session: AsyncSession, after: UUID, rows: int) -> UUID | None:
    """The member up to whom there are about so many rows of days behind another member; None if there are fewer."""
    return await _LAST_OF_DAYS.first(session, after=after, rows=rows - 1)


async def add_periods(session: AsyncSession, generation: int, *, after: UUID, upto: UUID) -> None:
    """Add up the periods of the members behind one, up to another, from their days of the same generation: each row is written once."""
    await _TO_MEMBER_PERIODS.run(session, generation=generation, after=after, upto=upto)


def _between() -> list[ColumnElement[bool]]:
    """What counts of a verb's facts between two keys.

    A verb at a time: of pairs that are compared as a whole PostgreSQL sees the first half alone, and would read all facts for a few.
    """
    return [
        facts.c.day.is_not(None),
        not_(facts.c.voided),
        facts.c.verb == bindparam("named_verb", type_=facts.c.verb.type),
        facts.c.key > bindparam("after_key", type_=facts.c.key.type),
        facts.c.key <= bindparam("upto_key", type_=facts.c.key.type),
    ]


def _day() -> dict[str, Any]:
    return {
        "generation": _generation(),
        "community_id": facts.c.community_id,
        "day": facts.c.day,
        "verb": facts.c.verb,
    }


def _generation() -> Any:
    return bindparam("generation", type_=member_days.c.generation.type)


def _of_member() -> ColumnElement[bool]:
    return and_(*_between(), facts.c.member_id.is_not(None), facts.c.place_id.is_not(None))


def _n_and_value() -> dict[str, Any]:
    return {"n": func.count(), "value": func.sum(func.coalesce(facts.c.value, 0.0))}


def _to_member_days(on: Spelling) -> Any:
    member = {"member_id": facts.c.member_id, "place_id": facts.c.place_id}
    return _add(on, member_days, _day() | member, _n_and_value(), _of_member(), facts)


def _to_object_days(on: Spelling) -> Any:
    thing = {"about": facts.c.about, "staff": func.coalesce(places.c.staff, false())}
    of_thing = and_(*_between(), facts.c.about.is_not(None))
    source = facts.outerjoin(places, places.c.id == facts.c.place_id)
    return _add(on, object_days, _day() | thing, _n_and_value(), of_thing, source)


def _to_member_periods(on: Spelling) -> Any:
    """Weeks, months and quarters together: the days are read once for all of them."""
    of_day = _days_of_members()
    grains = [
        select(
            literal_column(f"'{grain}'", member_periods.c.grain.type).label("grain"),
            _period_starts(on, grain, of_day.c.day).label("starts_on"),
            of_day,
        )
        for grain in _GRAINS
    ]
    days = union_all(*grains).subquery("days").c
    period = {"community_id": days.community_id, "grain": days.grain, "starts_on": days.starts_on}
    who = {"member_id": days.member_id, "staff": days.staff}
    counted = {name: func.sum(days[name]) for name in _CLASSES}
    return _add(on, member_periods, {"generation": _generation()} | period | who, counted, true(), days.day.table)


def _days_of_members() -> CTE:
    """What some members did on each day, of all verbs together."""
    days = member_days.c
    counted = [func.sum(case((_is_one_of(verbs), days.n), else_=0)).label(name) for name, verbs in _CLASSES.items()]
    of_day: list[ColumnElement[Any]] = [days.community_id, days.day, days.member_id, places.c.staff]
    wanted = and_(
        days.member_id > bindparam("after", type_=days.member_id.type),
        days.member_id <= bindparam("upto", type_=days.member_id.type),
        # Not as the index of all rows has it: a database that does not know yet how many rows the new generation has takes them for none, and
        # would read all of them for a few members.
        days.generation + 0 == _generation(),
        days.n != 0,
        or_(*(_is_one_of(verbs) for verbs in _CLASSES.values())),
    )
    source = member_days.join(places, places.c.id == days.place_id)
    return select(*of_day, *counted).select_from(source).where(wanted).group_by(*of_day).cte("days_of_members")


def _is_one_of(verbs: Iterable[Verb]) -> ColumnElement[bool]:
    return member_days.c.verb.in_(numbers(verbs))


def _period_starts(on: Spelling, grain: str, day: ColumnElement[Any]) -> Any:
    """The first day of the week, month or quarter of a day; weeks begin on Monday."""
    if on.is_postgres:
        return cast(func.date_trunc(grain, day), Date)
    if grain == "week":
        return func.date(day, "-6 days", "weekday 1")
    if grain == "month":
        return func.date(day, "start of month")
    months = (cast(func.strftime("%m", day), member_days.c.n.type) - 1) % 3
    return func.date(day, "start of month", func.printf("-%d months", months))


def _add(
    on: Spelling,
    table: Table,
    key: dict[str, Any],
    sums: dict[str, Any],
    wanted: ColumnElement[bool],
    source: FromClause,
) -> Any:
    columns = [value.label(name) for name, value in (key | sums).items()]
    # By their places: PostgreSQL takes two parameters of one value for two expressions.
    by: Sequence[Any] = [literal_column(str(place)) for place, name in enumerate(key, 1) if name != "generation"]
    added = select(*columns).select_from(source).where(wanted).group_by(*by).order_by(*by)
    statement = on.insert(table).from_select([*key, *sums], added, include_defaults=False)
    changed = {name: table.c[name] + statement.excluded[name] for name in sums}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


# Each is run thousands of times while all is added up anew: put together anew, that would take longer than the adding.
_TO_MEMBER_DAYS: Prepared[Any] = Prepared(_to_member_days)
_TO_OBJECT_DAYS: Prepared[Any] = Prepared(_to_object_days)
_LAST_OF_DAYS: Prepared[UUID] = Prepared(
    select(member_days.c.member_id)
    .where(member_days.c.member_id > bindparam("after", type_=member_days.c.member_id.type))
    .order_by(member_days.c.member_id)
    .offset(bindparam("rows", type_=BigInteger))
    .limit(1)
)
_TO_MEMBER_PERIODS: Prepared[Any] = Prepared(_to_member_periods)
