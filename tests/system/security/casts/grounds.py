"""The worlds of the authorization matrix, on either database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, delete, func, insert, select
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
    """What a world's SQLite file holds, in a database on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[Any, list[dict[str, Any]]] = {}

    async def read(self, origin: Database) -> None:
        async with origin.reading() as session:
            for each in self.database.tables.metadata.sorted_tables:
                counted = {column.name for column in each.columns if column.autoincrement is True}
                found_rows = (await session.execute(select(each))).mappings()
                self.rows[each] = [{name: row[name] for name in row if name not in counted} for row in found_rows]

    async def put_back(self) -> None:
        async with self.database.transaction() as session:
            for each in reversed(self.rows):
                await session.execute(delete(each))
            for each, rows in self.rows.items():
                if rows:
                    await session.execute(insert(each), rows)
                    await self._count_on(session, each, rows)

    @staticmethod
    async def _count_on(session: AsyncSession, each: Table, rows: list[dict[str, Any]]) -> None:
        """Rows that came with numbers take them from those that the database gives out."""
        numbered = each.autoincrement_column
        if numbered is not None and numbered.name in rows[0]:
            sequence = func.pg_get_serial_sequence(each.name, numbered.name)
            greatest = max(row[numbered.name] for row in rows)
            # Never back: what was given out since may stand in tables beside these.
            await session.execute(select(func.setval(sequence, func.greatest(greatest, func.nextval(sequence)))))


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
