"""The worlds of the authorization matrix, on either database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, TextClause, delete, func, insert, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database
from chassis.database.migrations import migrate
from tests.support.light import lightened
from tests.support.postgres import PostgresServer
from tests.system.security.world import World


class Ground:
    """A world that can be put back."""

    def __init__(self, world: World, carried: "Carried | None") -> None:
        self.world = world
        self._carried = carried

    async def put_back(self) -> None:
        if self._carried is None:
            self.world.frozen.put_back()
        else:
            await self._carried.put_back()


class Carried:
    """What a world's SQLite file holds, in a database on PostgreSQL.

    Most attempts change few of a hundred tables: one statement says which, and they alone are written anew.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[Table, list[dict[str, Any]]] = {}
        self._seen: dict[str, str] = {}
        """What each table held when it was put back, told by its digest."""
        self._all = _digests(database.tables.metadata.sorted_tables)

    async def read(self, origin: Database) -> None:
        async with origin.reading() as session:
            for each in self.database.tables.metadata.sorted_tables:
                counted = {column.name for column in each.columns if column.autoincrement is True}
                found_rows = (await session.execute(select(each))).mappings()
                self.rows[each] = [{name: row[name] for name in row if name not in counted} for row in found_rows]

    async def put_back(self) -> None:
        async with self.database.transaction() as session:
            found = (await session.execute(self._all)).one()._mapping
            changed = [each for each in self.rows if found[each.name] != self._seen.get(each.name)]
            if not changed:
                return
            # Rows of other tables may refer to these, which are away for a moment.
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            for each in changed:
                await session.execute(delete(each))
                if rows := self.rows[each]:
                    await session.execute(insert(each), rows)
                    await self._count_on(session, each, rows)
            self._seen |= (await session.execute(_digests(changed))).one()._mapping

    @staticmethod
    async def _count_on(session: AsyncSession, each: Table, rows: list[dict[str, Any]]) -> None:
        """Rows that came with numbers take them from those that the database gives out."""
        numbered = each.autoincrement_column
        if numbered is not None and numbered.name in rows[0]:
            sequence = func.pg_get_serial_sequence(each.name, numbered.name)
            greatest = max(row[numbered.name] for row in rows)
            # Never back: what was given out since may stand in tables beside these.
            await session.execute(select(func.setval(sequence, func.greatest(greatest, func.nextval(sequence)))))


def _digests(tables: Sequence[Table]) -> TextClause:
    """One row, and in it for each table a digest of all that it holds."""
    row = 'cast("a row" as text)'  # no column is named so, which would be taken in its place
    whole = f"md5(coalesce(string_agg({row}, chr(10) order by {row}), ''))"
    return text("select " + ", ".join(f'(select {whole} from "{one.name}" "a row") as "{one.name}"' for one in tables))


@asynccontextmanager
async def grounded(world: World, server: PostgresServer | None) -> AsyncIterator[Ground]:
    """The world where it is, or with its rows in a new database of a server."""
    runtime = world.harness.runtime
    if server is None:
        yield Ground(world, None)
        return
    name = f"grounds_{runtime.name}"
    origin, there = (
        runtime.database,
        lightened(Database(server.create_database(name), runtime.service.tables, runtime=runtime)),
    )
    await migrate(there, runtime.service)
    carried = Carried(there)
    await carried.read(origin)
    await carried.put_back()
    runtime.database = there
    yield Ground(world, carried)
    runtime.database = origin
    await there.dispose()
    server.drop_database(name)
