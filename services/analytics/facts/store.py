"""Facts and rollups, read and written many at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, literal, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many, upsert_many
from chassis.database.statements import Prepared, is_postgres
from services.analytics.facts.models import Fact, MemberDay, MemberPeriod, ObjectDay, RollupGeneration
from services.analytics.facts.rules import FactKey, State, Sums

facts: Table = Fact.__table__  # type: ignore[attr-defined]
generations: Table = RollupGeneration.__table__  # type: ignore[attr-defined]
member_days: Table = MemberDay.__table__  # type: ignore[attr-defined]
member_periods: Table = MemberPeriod.__table__  # type: ignore[attr-defined]
object_days: Table = ObjectDay.__table__  # type: ignore[attr-defined]
ROLLUPS = (member_days, member_periods, object_days)

COUNT_UP_TO = 100_000

_COLUMNS = tuple(State.__slots__)
_CHANGING = [name for name in _COLUMNS if name not in {"verb", "key"}]

_BY_KEY: Prepared[Any] = Prepared(
    lambda on: select(facts).where(on.among(facts.c.verb, "verbs"), on.among(facts.c.key, "keys"))
)
_OF_MEMBERS: Prepared[Any] = Prepared(lambda on: select(facts).where(on.among(facts.c.member_id, "ids")))
_WAITING: Prepared[int] = Prepared(
    select(func.count()).select_from(
        select(facts.c.verb).where(facts.c.day.is_(None), facts.c.at.is_not(None)).limit(COUNT_UP_TO).subquery()
    )
)
_GENERATION: Prepared[Any] = Prepared(select(generations))
_GENERATION_HELD: Prepared[Any] = Prepared(select(generations).with_for_update(read=True))


@dataclass(frozen=True, slots=True)
class Generations:
    """Which rollups are read, which are being built, and up to which fact these have everything."""

    reading: int
    building: int | None
    passed: FactKey | None
    passed_member: UUID | None

    def of(self, state: State) -> Sequence[int]:
        """Those in which a fact counts now."""
        if self.building is None or self.passed is None or _order(state.name) > _order(self.passed):
            return (self.reading,)
        return (self.reading, self.building)

    def has_periods(self, generation: int, member_id: UUID | None) -> bool:
        """Whether a member's periods are in a generation: where the building has not come to them, they are added up from its days later."""
        if generation == self.reading:
            return True
        return self.passed_member is not None and member_id is not None and member_id.int <= self.passed_member.int


def _order(key: FactKey) -> tuple[int, int]:
    return key.verb, key.key.int


async def generations_held(session: AsyncSession) -> Generations:
    """Which generations there are; they stay so until the transaction ends."""
    row = await (_GENERATION_HELD if is_postgres(session) else _GENERATION).one(session)
    passed = None if row.passed_verb is None else FactKey(row.passed_verb, row.passed_key)
    return Generations(row.reading, row.building, passed, row.passed_member_id)


async def read_generation(session: AsyncSession) -> int:
    """The generation of the rollups that is read."""
    row = await _GENERATION.one(session)
    generation: int = row.reading
    return generation


async def states_by_key(session: AsyncSession, keys: Iterable[FactKey]) -> dict[FactKey, State]:
    """The facts of these names, those that there are."""
    wanted = set(keys)
    if not wanted:
        return {}
    verbs, ids = sorted({name.verb for name in wanted}), list({name.key for name in wanted})
    rows = await _BY_KEY.all(session, verbs=verbs, keys=ids)
    return {state.name: state for row in rows if (state := state_of(row)).name in wanted}


async def states_of_members(session: AsyncSession, member_ids: Iterable[UUID]) -> list[State]:
    """Every fact of some members."""
    wanted = list(member_ids)
    return [state_of(row) for row in await _OF_MEMBERS.all(session, ids=wanted)] if wanted else []


def state_of(row: Any) -> State:
    """A fact from its row."""
    return State(*row)


def behind(name: FactKey) -> ColumnElement[bool]:
    """Whether a fact comes after another in the order of names."""
    place = tuple_(literal(name.verb, facts.c.verb.type), literal(name.key, facts.c.key.type))
    return tuple_(facts.c.verb, facts.c.key) > place


async def waiting(session: AsyncSession) -> int:
    """How many facts wait for their community or their member to be known; counted no further than 100,000."""
    return await _WAITING.one(session)


async def write_states(session: AsyncSession, states: Sequence[State]) -> None:
    """Write facts as they are now."""
    ordered = sorted(states, key=lambda state: (state.verb, state.key.int))
    rows = [{name: getattr(state, name) for name in _COLUMNS} for state in ordered]
    await upsert_many(session, facts, rows, key=["verb", "key"], update=_CHANGING)


async def add_to_rollups(session: AsyncSession, by_generation: Mapping[int, Sums]) -> None:
    """Add sums to the rollups, in one order, so that two that add to the same rows cannot wait for each other."""
    for generation, sums in sorted(by_generation.items()):
        await _add(session, member_days, _n_and_value(generation, sums.member_days), _adding_n_and_value)
        await _add(session, member_periods, _counted(generation, sums.member_periods), _adding_counts)
        await _add(session, object_days, _n_and_value(generation, sums.object_days), _adding_n_and_value)


async def _add(session: AsyncSession, table: Table, rows: Sequence[dict[str, Any]], adding: Callable[..., Any]) -> None:
    await merge_many(session, table, rows, adding)


def _n_and_value(generation: int, sums: Mapping[Any, list[float]]) -> list[dict[str, Any]]:
    return [
        {"generation": generation, **key._asdict(), "n": int(n), "value": value}
        for key, (n, value) in sorted(sums.items(), key=_in_order)
        if n or value
    ]


def _counted(generation: int, sums: Mapping[Any, list[int]]) -> list[dict[str, Any]]:
    return [
        {"generation": generation, **key._asdict(), "deeds": counts[0], "taking_part": counts[1], "reads": counts[2]}
        for key, counts in sorted(sums.items(), key=_in_order)
        if any(counts)
    ]


def _in_order(item: tuple[Any, Any]) -> tuple[Any, ...]:
    """Ids are numbers: they compare the same, but much faster."""
    return tuple(part.int if isinstance(part, UUID) else part for part in item[0])


def _adding_n_and_value(table: Table, insert: Any, names: Sequence[str]) -> Any:
    return _adding(table, insert, ("n", "value"))


def _adding_counts(table: Table, insert: Any, names: Sequence[str]) -> Any:
    return _adding(table, insert, ("deeds", "taking_part", "reads"))


def _adding(table: Table, insert: Any, columns: Sequence[str]) -> Any:
    added = {name: table.c[name] + insert.excluded[name] for name in columns}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=added)
