"""Entities that a use case may change: kept once a session, as the ORM keeps them, but read and written by statements built once.

The ORM's session remembers which there are and what was changed of them. Its own way to read one takes ten times as long, and to
write one five times. Whatever is not plain here (a deletion, a default that only SQLAlchemy makes) is left to it.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, inspect, update
from sqlalchemy import insert as sql_insert
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Mapper, Session, attributes
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.sql.elements import ClauseElement
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared

_FEW = 4
"""Up to so many changed rows are written one by one."""


class Kind:
    """One table's entities."""

    def __init__(self, entity: type[Any]) -> None:
        mapper: Mapper[Any] = inspect(entity)
        self.entity: type[Any] = mapper.class_
        self.manager = mapper.class_manager
        self.table: Table = cast("Table", mapper.local_table)
        # By attribute: the name of a column may differ.
        self.columns = {name: attribute.columns[0] for name, attribute in mapper.column_attrs.items()}
        self.names = tuple(self.columns)
        self.key = tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)
        self._places = [self.names.index(name) for name in self.key]
        self.made_by_insert = frozenset(
            name for name, column in self.columns.items() if column.default or column.server_default
        )
        self.made_by_update = any(column.onupdate or column.server_onupdate for column in self.columns.values())
        self.add: Prepared[Any] = Prepared(sql_insert(self.table))
        one = select(entity).where(*(self.columns[name] == bindparam(name) for name in self.key))
        self.one: Prepared[Any] = Prepared(one)
        self.locked: Prepared[Any] = Prepared(one.with_for_update())
        self.present: Prepared[int] | None = None
        if len(self.key) == 1:
            key = self.columns[self.key[0]]
            self.present = Prepared(lambda on: sql_select(func.count()).where(on.among(key, "keys")))

    def known(self, session: Session, key: tuple[Any, ...]) -> Any:
        """The entity with this key, if the session has it and all of it; else None."""
        state = session.identity_map.fast_get_state((self.entity, key, None))
        return None if state is None or state.expired else state.obj()

    def keep(self, session: Session, row: Any, *, again: bool) -> Any:
        """The session's entity for a row that was read; `again` takes the row's values also for one that it has."""
        key = (self.entity, tuple(row[place] for place in self._places), None)
        known = session.identity_map
        state = known.fast_get_state(key)
        instance = None if state is None else state.obj()
        if state is None or instance is None:
            instance = self.manager.new_instance()
            state = attributes.instance_state(instance)
            state.key = key
            state.session_id = session.hash_key
            known.add(state)
        elif not (again or state.expired):
            return instance
        state.dict.update(zip(self.names, row, strict=True))
        state._commit_all(state.dict, known)  # noqa: SLF001 - as the ORM's own loading does
        return instance


def kind_of(entity: Any) -> Kind:
    """What is known of an entity's class."""
    kind = _kinds.get(entity)
    if kind is None:
        kind = _kinds[entity] = Kind(entity)
    return kind


_kinds: dict[Any, Kind] = {}


async def write(session: AsyncSession, known: Session) -> bool:
    """Write what was made and changed, tables in the order of their foreign keys; False where that is the ORM's to do."""
    made = sorted(known._new, key=lambda state: state.insert_order or 0)  # noqa: SLF001
    changed = list(known.identity_map._dirty_states())  # noqa: SLF001
    states = [*made, *changed]
    if known._deleted or not all(_is_plain(state) for state in states):  # noqa: SLF001
        return False
    kinds = {kind_of(state.class_) for state in states}
    for kind in sorted(kinds, key=lambda one: _rank(one.table)):
        ordered = sorted((one for one in changed if one.class_ is kind.entity), key=_key)
        for names, alike in groupby(ordered, key=lambda state: _changed(kind, state)):
            await _update(session, kind, names, [_setting_of(kind, names, state) for state in alike])
        rows = [_values(kind, state) for state in made if state.class_ is kind.entity]
        if len(rows) == 1:
            await kind.add.run(session, **rows[0])
        elif rows:
            await kind.add.run_many(session, rows)
    known._register_persistent(set(states))  # noqa: SLF001
    return True


def _key(state: InstanceState[Any]) -> Any:
    """Two sessions write the same rows in one order, or they could wait for each other."""
    return state.key[1] if state.key is not None else ()


def _is_plain(state: InstanceState[Any]) -> bool:
    kind, given = kind_of(state.class_), state.dict
    if state.key is None:
        return not any(given.get(name) is None for name in (*kind.key, *kind.made_by_insert))
    changed = state.committed_state
    if state.expired or kind.made_by_update or any(name in changed for name in kind.key):
        return False
    return not any(_is_expression(given.get(name)) for name in changed)


def _is_expression(value: Any) -> bool:
    """Whether it is SQL, such as a column and one, and not a value."""
    return isinstance(value, ClauseElement) or hasattr(value, "__clause_element__")


def _values(kind: Kind, state: InstanceState[Any]) -> dict[str, Any]:
    given = state.dict
    return {column.key: given.setdefault(name, None) for name, column in kind.columns.items()}


def _changed(kind: Kind, state: InstanceState[Any]) -> tuple[str, ...]:
    before, now = state.committed_state, state.dict
    return tuple(name for name in kind.names if name in before and not _same(state, name, now[name], before[name]))


def _setting_of(kind: Kind, names: Sequence[str], state: InstanceState[Any]) -> dict[str, Any]:
    now = state.dict
    return {f"to_{name}": now[name] for name in names} | {f"of_{name}": now[name] for name in kind.key}


async def _update(session: AsyncSession, kind: Kind, names: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of which the same was changed: many as one statement with many values, which does not say how many it found."""
    if not names:
        return
    setting = _setting(kind, names)
    if len(rows) <= _FEW or kind.present is None:
        written = sum([await setting.run(session, **row) for row in rows])
    else:
        await setting.run_many(session, rows)
        written = await kind.present.one(session, keys=[row[f"of_{kind.key[0]}"] for row in rows])
    if written != len(rows):
        raise StaleDataError(f"a row of {kind.table.name} is no longer there")


def _same(state: InstanceState[Any], name: str, now: Any, before: Any) -> bool:
    return bool(state.manager[name].impl.is_equal(now, before))


@lru_cache(maxsize=1000)
def _setting(kind: Kind, names: Sequence[str]) -> Prepared[Any]:
    of = [kind.columns[name] == bindparam(f"of_{name}") for name in kind.key]
    columns = [(name, kind.columns[name]) for name in names]
    return Prepared(
        update(kind.table)
        .where(*of)
        .values({column: bindparam(f"to_{name}", type_=column.type) for name, column in columns})
    )


def _rank(table: Table) -> int:
    return _order(table.metadata)[table]


@lru_cache(maxsize=50)
def _order(metadata: Any) -> dict[Table, int]:
    return {table: place for place, table in enumerate(metadata.sorted_tables)}
