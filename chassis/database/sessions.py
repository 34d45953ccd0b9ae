"""Sessions: what a use case asks of the ORM, on statements that are compiled once and run on the driver.

SQLAlchemy builds a statement, and knows by its parts whether one of its kind was compiled; then it goes straight to the driver. Its
own way there takes five to ten times as long. Rows of a session that reads cannot be changed; one that writes keeps entities
(`chassis.database.entities`). What is out of the ordinary is SQLAlchemy's to do, on the same connection in the same transaction.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import Connection, Delete, Engine, Insert, Select, Update, text
from sqlalchemy.engine.result import IteratorResult
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.asyncio import AsyncSession as SqlAlchemyAsyncSession
from sqlalchemy.orm import Session as SqlAlchemySession
from sqlalchemy.util.concurrency import in_greenlet
from sqlmodel import Session as SyncSession
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from chassis.database import entities
from chassis.database.compiled import CompiledKind
from chassis.database.context import SessionContext
from chassis.database.holding import Driver, Holding
from chassis.database.statements import Prepared, kind_of


class _SyncSession(SyncSession):
    execute = SqlAlchemySession.execute
    holding: Holding

    def get_bind(self, *_arguments: Any, **_options: Any) -> Engine | Connection:
        return self.holding.connection() if in_greenlet() else self.holding.engine


_OF_SQLALCHEMY = frozenset({"sync_session", "_proxied", "_async_bind", "_async_binds"})
"""What SQLAlchemy's session consists of."""


class Found(IteratorResult[*tuple[Any, ...]]):
    """What a statement gave: its rows, or how many it touched."""

    def __init__(self, kind: CompiledKind, rows: Iterable[tuple[Any, ...]], *, rowcount: int) -> None:
        super().__init__(kind.keys, iter(rows))
        self.rowcount = rowcount


class Session(AsyncSession):
    """SQLModel's session on a connection of ours.

    `execute` returns rows where `exec` unpacks them, as in SQLAlchemy.
    """

    sync_session_class = _SyncSession
    sync_session: _SyncSession

    def __init__(self, engine: AsyncEngine, context: SessionContext, *, patience: float | None = None) -> None:
        """`patience` is how many seconds it waits on PostgreSQL for a row that others have locked, unless as long as the engine says."""
        # Not yet as SQLAlchemy's session: most never need to be that.
        self._engine = engine
        self._info: dict[Any, Any] = {"context": context}
        self._writes = context.writes
        self._is_writing = False
        self.holding = Holding(engine.sync_engine, writes=context.writes, patience=patience)

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_SQLALCHEMY:
            raise AttributeError(name)
        context: SessionContext = self._info["context"]
        super().__init__(self._engine, expire_on_commit=False, autoflush=context.writes, info=self._info)
        self.sync_session.holding = self.holding
        return self.__dict__[name]

    @property
    def info(self) -> dict[Any, Any]:
        """What the session knows; see `context_of`."""
        return self._info

    async def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """See SQLAlchemy."""
        found = await self._run(statement, params) if not options else None
        if found is not None:
            return found
        await self.write()
        return await SqlAlchemyAsyncSession.execute(self, statement, params, **options)

    async def exec(self, statement: Any, *, params: Any = None, **options: Any) -> Any:
        """See SQLModel."""
        found = await self.execute(statement, params, **options)
        return found.scalars() if isinstance(statement, SelectOfScalar) else found

    async def get(  # type: ignore[override]
        self,
        entity: type[Any],
        ident: Any,
        *,
        populate_existing: bool = False,
        with_for_update: bool | None = None,
        **options: Any,
    ) -> Any:
        """See SQLAlchemy."""
        if options or isinstance(ident, dict):
            return await super().get(
                entity, ident, populate_existing=populate_existing, with_for_update=with_for_update, **options
            )
        kind = entities.kind_of(entity)
        key = ident if isinstance(ident, tuple) else (ident,)
        if self._writes and not (populate_existing or with_for_update):
            known = kind.known(self.sync_session, key)
            if known is not None:
                return known
        statement = kind.locked if with_for_update else kind.one
        row = await statement.first(self, **dict(zip(kind.key, key, strict=True)))
        if row is None or not self._writes:
            return row
        return kind.keep(self.sync_session, row, again=populate_existing)

    async def get_one(self, entity: type[Any], ident: Any, **options: Any) -> Any:  # type: ignore[override]
        """See SQLAlchemy."""
        found = await self.get(entity, ident, **options)
        if found is None:
            raise NoResultFound("no row where there is to be one")
        return found

    async def flush(self, objects: Any = None) -> None:
        """See SQLAlchemy."""
        if objects is not None:
            await super().flush(objects)
        else:
            await self.write()

    async def driver(self) -> Driver:
        """For statements that go past the ORM; what it has not yet written is written first."""
        await self.write()
        return await self.holding.driver()

    async def write(self) -> None:
        """Write what was made and changed, and is not yet written."""
        if self._is_writing or "sync_session" not in self.__dict__ or self.sync_session._is_clean():  # noqa: SLF001
            return
        self._is_writing = True
        try:
            if not await entities.write(self, self.sync_session):
                await super().flush()
        finally:
            self._is_writing = False

    def forget(self) -> None:
        """Let go of all entities, also of what is not yet written of them."""
        if "sync_session" in self.__dict__:
            self.sync_session.expunge_all()

    async def leave(self) -> None:
        """End the session; what was not committed is undone."""
        try:
            if self.holding.used_by_sqlalchemy:
                await self.close()
            else:
                self.forget()
        finally:
            await self.holding.release()

    async def _run(self, statement: Any, params: Any) -> Found | None:
        """Run a statement on the driver. None where it is not of the usual kinds."""
        if params is not None and not isinstance(params, Mapping):
            return None
        if not isinstance(statement, Select) and not self._is_simple_change(statement):
            return None
        made = kind_of(self, statement)
        if made is None or made[0].has_defaults:
            return None
        kind, key = made
        driver = await self.driver()
        sql, values = kind.spelt(key, params)
        try:
            if not kind.entities:
                return Found(kind, (), rowcount=await driver.execute_one(sql, values))
            found = list(map(kind.row, await driver.fetch(sql, values)))
        except BaseException as error:  # noqa: BLE001 - raised as what SQLAlchemy would make of it
            self.holding.fail(error, sql)
        again = bool(statement.get_execution_options().get("populate_existing"))
        found = self.kept(kind.entities, found, again=again)
        rows = [(one,) for one in found] if len(kind.entities) == 1 else found
        return Found(kind, rows, rowcount=len(rows))

    def _is_simple_change(self, statement: Any) -> bool:
        """Whether it changes rows and no entity that this session has: those would have to follow."""
        if not isinstance(statement, (Insert, Update, Delete)) or getattr(statement, "_multi_values", None):
            return False
        if any(one.get("entity") is one["expr"] for one in statement.returning_column_descriptions):
            return False
        changed = statement.entity_description.get("entity")
        if changed is None or isinstance(statement, Insert) or "sync_session" not in self.__dict__:
            return True
        return not any(state.class_ is changed for state in self.sync_session.identity_map.all_states())

    def kept(self, parts: Sequence[type[Any] | None], rows: list[Any], *, again: bool) -> list[Any]:
        """The rows with the session's own entities, if it writes; `parts` says what they consist of. `again` as in `Kind.keep`."""
        if not self._writes or not any(parts):
            return rows
        known = self.sync_session
        kinds = [None if entity is None else entities.kind_of(entity) for entity in parts]
        if len(kinds) == 1 and kinds[0] is not None:
            return [None if row is None else kinds[0].keep(known, row, again=again) for row in rows]
        return [
            tuple(
                part if one is None or part is None else one.keep(known, part, again=again)
                for one, part in zip(kinds, row, strict=True)
            )
            for row in rows
        ]


_SAVEPOINT, _BACK, _RELEASE = (
    Prepared[Any](cast("Any", text(words)))
    for words in ("SAVEPOINT part", "ROLLBACK TO SAVEPOINT part", "RELEASE SAVEPOINT part")
)


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncIterator[None]:
    """A part of a transaction: undone alone where the block raises. At its end the session forgets its entities either way."""
    own = cast("Session", session)
    await _SAVEPOINT.run(own)
    try:
        yield
        await own.write()
    except BaseException:
        own.forget()
        await _BACK.run(own)
        raise
    own.forget()
    await _RELEASE.run(own)


async def written(session: AsyncSession) -> None:
    """Have the ORM write now what it would write before the next statement."""
    own = cast("Session", session)
    await own.write()
