"""Many rows where there were few: a community with more members, a member with more history, a page with more things.

Every row is copied several times. A copy keeps what it refers to, as far as its keys let it: where a key would be there twice, one of
its columns is made another, in each copy the next one. A day is moved, a name lengthened, and of somebody who can be there once only,
as in a list of members, a copy is made too. So a table needs nothing from whoever adds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, MetaData, Table, UniqueConstraint, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id

Row = dict[str, Any]


@dataclass
class Multiplied:
    """Copies of what the tables hold. `without` names tables whose rows stay alone."""

    metadata: MetaData
    without: frozenset[str] = frozenset()
    rows: dict[Table, list[Row]] = field(default_factory=dict)
    _by_id: dict[UUID, tuple[Table, Row]] = field(default_factory=dict)
    _made: dict[tuple[str, Any, int], Row | None] = field(default_factory=dict)
    _strangers: dict[tuple[UUID, int], UUID] = field(default_factory=dict)
    _new: dict[Table, list[Row]] = field(default_factory=dict)
    _copies: set[UUID] = field(default_factory=set)
    """The ids of copies: what refers to one already stays with it."""
    _taken: dict[tuple[str, tuple[str, ...]], set[tuple[Any, ...]]] = field(default_factory=dict)

    async def write(self, session: AsyncSession, copies: range) -> None:
        """Copy every row once for each number; numbers used before make no copies that others have made."""
        if not self.rows:
            await self._read(session)
        for number in copies:
            for table, rows in self.rows.items():
                if table.name not in self.without:
                    for row in rows:
                        self._copy(table, row, number)
        for table in self.metadata.sorted_tables:
            if self._new.get(table):
                await session.execute(insert(table), self._new.pop(table))

    async def _read(self, session: AsyncSession) -> None:
        for table in self.metadata.sorted_tables:
            found = (await session.execute(select(table))).mappings()
            self.rows[table] = [{column.key: row[column] for column in table.columns} for row in found]
            for key in _keys(table):
                self._taken[table.name, key] = {tuple(row[name] for name in key) for row in self.rows[table]}
            if _key(table) == ("id",):
                self._by_id |= {row["id"]: (table, row) for row in self.rows[table] if isinstance(row["id"], UUID)}

    def _copy(self, table: Table, row: Row, number: int) -> Row | None:
        """The copy of this number; None if the row is of a kind that there can be one of only."""
        made = (table.name, tuple(row[name] for name in _key(table)), number)
        if made not in self._made:
            self._made[made] = None
            copy = {name: self._of_copy(value, number) for name, value in row.items()}
            if all(self._made_another(table, copy, key, number) for key in _keys(table)):
                for key in _keys(table):
                    self._taken[table.name, key].add(tuple(copy[name] for name in key))
                self._new.setdefault(table, []).append(copy)
                self._made[made] = copy
                if isinstance(copy.get("id"), UUID):
                    self._copies.add(copy["id"])
        return self._made[made]

    def _of_copy(self, value: Any, number: int) -> Any:
        """What holds rows together without being a row, as the number of a posting, is another in each copy and the same within it."""
        if not isinstance(value, UUID) or value in self._by_id:
            return value
        return self._strangers.setdefault((value, number), new_id())

    def _made_another(self, table: Table, copy: Row, key: tuple[str, ...], number: int) -> bool:
        """Change a column of the key, if there is such a row already; whether there is none now."""
        taken = self._taken[table.name, key]
        ways = [table.c[name] for name in key if copy[name] is not None and name not in _fixed(table)]
        for turn in range(len(ways)):
            if tuple(copy[name] for name in key) not in taken or any(copy[name] is None for name in key):
                return True
            column = ways[(number + turn) % len(ways)]
            copy[column.key] = self._another(table, column, copy[column.name], number)
        return tuple(copy[name] for name in key) not in taken or any(copy[name] is None for name in key)

    def _another(self, table: Table, column: Column[Any], value: Any, number: int) -> Any:
        if isinstance(value, UUID):
            known = self._by_id.get(value)
            if value in self._copies and column.key != "id":
                return value
            if known is None or (known[0] is table and column.key == "id"):
                return new_id()
            if known[0].name in self.without:
                return value
            copied = self._copy(*known, number)
            return value if copied is None else copied["id"]
        if isinstance(value, bool):
            return value
        if isinstance(value, datetime):
            return value - timedelta(minutes=number)
        if isinstance(value, date):
            return value - timedelta(days=1000 * number)
        if isinstance(value, int):
            return value + 1000 * number
        if isinstance(value, str):
            longest = getattr(column.type, "length", None) or 1000
            return f"{value[: longest - 4]}{number:04}"
        return value


def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.key for column in table.primary_key.columns)


def _keys(table: Table) -> Sequence[tuple[str, ...]]:
    """Every set of columns that there may be once only."""
    return list(dict.fromkeys((_key(table), *_unique(table))))


def _unique(table: Table) -> Iterator[tuple[str, ...]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.key for column in constraint.columns)
    for index in table.indexes:
        if index.unique:
            yield tuple(column.key for column in index.columns)


def _fixed(table: Table) -> frozenset[str]:
    """Columns that take certain values only."""
    checks = " ".join(str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint))
    return frozenset(column.key for column in table.columns if f"{column.name} IN" in checks.replace('"', ""))


def numbers(rows: Mapping[Table, Sequence[Row]]) -> dict[str, int]:
    """How many rows there are, by table."""
    return {table.name: len(found) for table, found in rows.items()}
