"""Adding up facts where they are stored, without reading them: what `rules.Sums` does for those at hand."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import is_postgres, upsert
from services.analytics.facts.dimensions import places
from services.analytics.facts.rules import FactKey
from services.analytics.facts.store import behind, facts, member_days, member_periods, object_days
from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, Verb, numbers

_CLASSES = {"deeds": ACTIVE, "taking_part": TAKING_PART, "reads": READING}


async def add_stored(session: AsyncSession, generation: int, *, after: FactKey | None, upto: FactKey) -> None:
    """Add the facts behind one name, up to another, to a generation of the rollups."""
    counting: list[ColumnElement[bool]] = [facts.c.day.is_not(None), not_(facts.c.voided), not_(behind(upto))]
    if after is not None:
        counting.append(behind(after))
    of_member = and_(*counting, facts.c.member_id.is_not(None), facts.c.place_id.is_not(None))
    number = literal(generation, member_days.c.generation.type)
    n_and_value = {"n": func.count(), "value": func.sum(func.coalesce(facts.c.value, 0.0))}
    day = {"generation": number, "community_id": facts.c.community_id, "day": facts.c.day, "verb": facts.c.verb}
    member = {"member_id": facts.c.member_id, "place_id": facts.c.place_id}
    await _add(session, member_days, day | member, n_and_value, of_member)
    thing = {"about": facts.c.about, "staff": func.coalesce(places.c.staff, false())}
    await _add(session, object_days, day | thing, n_and_value, and_(*counting, facts.c.about.is_not(None)))
    counted = {name: func.sum(case((_is_one_of(verbs), 1), else_=0)) for name, verbs in _CLASSES.items()}
    any_class = and_(of_member, or_(*(_is_one_of(verbs) for verbs in _CLASSES.values())))
    for grain, starts_on in _period_starts(postgres=is_postgres(session)):
        period = {
            "generation": number,
            "community_id": facts.c.community_id,
            "grain": literal(grain),
            "starts_on": starts_on,
        }
        who = {"member_id": facts.c.member_id, "staff": places.c.staff}
        await _add(session, member_periods, period | who, counted, any_class)


def _is_one_of(verbs: Iterable[Verb]) -> ColumnElement[bool]:
    return facts.c.verb.in_(numbers(verbs))


def _period_starts(*, postgres: bool) -> Sequence[tuple[str, Any]]:
    """The week, month and quarter of a fact's day, by the day each begins on; weeks begin on Monday."""
    if postgres:
        return [(grain, cast(func.date_trunc(grain, facts.c.day), Date)) for grain in ("week", "month", "quarter")]
    months = (cast(func.strftime("%m", facts.c.day), member_days.c.n.type) - 1) % 3
    return [
        ("week", func.date(facts.c.day, "-6 days", "weekday 1")),
        ("month", func.date(facts.c.day, "start of month")),
        ("quarter", func.date(facts.c.day, "start of month", func.printf("-%d months", months))),
    ]


async def _add(
    session: AsyncSession, table: Table, key: dict[str, Any], sums: dict[str, Any], wanted: ColumnElement[bool]
) -> None:
    columns = [value.label(name) for name, value in (key | sums).items()]
    # By their places: PostgreSQL takes two parameters of one value for two expressions.
    by: list[Any] = [
        literal_column(str(place)) for place, name in enumerate(key, 1) if name not in {"generation", "grain"}
    ]
    added = (
        select(*columns)
        .select_from(facts.outerjoin(places, places.c.id == facts.c.place_id))
        .where(wanted)
        .group_by(*by)
        .order_by(*by)
    )
    statement = upsert(session, table).from_select([*key, *sums], added, include_defaults=False)
    changed = {name: table.c[name] + statement.excluded[name] for name in sums}
    await session.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed))
