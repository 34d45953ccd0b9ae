"""Every statement that this process sends to a database, as its driver is given it.

    with listening():
        ...  # make the database, and what is to be heard
        with recorded() as statements:
            await client.get("/v1/members")
        assert len(statements) < 5

It listens where the drivers' libraries begin (`sqlite3`, `asyncpg`), so it does not matter who runs a statement, or by which way. What
begins and ends a transaction is left out, and so is what only sets a connection up.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

BROKEN_OFF = frozenset({sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ", ";")


@dataclass(frozen=True)
class Statement:
    """One call of a driver: `parameters` are those of one run, or with `many` a list of those of each run."""

    sql: str
    parameters: Sequence[Any]
    many: bool = False


_recordings: list[list[Statement]] = []


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """The list into which everything goes that is sent meanwhile by connections made while somebody was listening."""
    into: list[Statement] = []
    _recordings.append(into)
    try:
        yield into
    finally:
        # Not by value: two lists may hold the same.
        _recordings[:] = [one for one in _recordings if one is not into]


@contextmanager
def listening() -> Iterator[None]:
    """Listen to every connection that this process makes meanwhile."""
    replaced: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, by: Any) -> None:
        replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, by)

    replace(sqlite3, "Cursor", ListenedCursor)
    replace(sqlite3, "connect", _connecting(sqlite3.connect))
    for owner, name, told in _of_asyncpg():
        replace(owner, name, _telling(getattr(owner, name), told))
    try:
        yield
    finally:
        for owner, name, before in reversed(replaced):
            setattr(owner, name, before)


def _sent(sql: str, parameters: Any, *, many: bool = False) -> Statement | None:
    if sql.lstrip().upper().startswith(NOT_COUNTED):
        return None
    statement = Statement(sql, parameters, many)
    for into in _recordings:
        into.append(statement)
    return statement


@contextmanager
def _unsent_if_broken_off(statement: Statement | None) -> Iterator[None]:
    """A read that takes long in the event loop is broken off and made again in a thread: that is one, however slow the machine."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if statement is not None and error.sqlite_errorcode in BROKEN_OFF:
            for into in _recordings:
                into[:] = [one for one in into if one is not statement]
        raise


# --- sqlite3 ---------------------------------------------------------------------------------------------------------


class ListenedCursor(sqlite3.Cursor):
    """A cursor that tells what it is given."""

    _statement: Statement | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        self._statement = _sent(sql, parameters) if _recordings else None
        with _unsent_if_broken_off(self._statement):
            return super().execute(sql, parameters)

    def fetchall(self) -> Any:
        with _unsent_if_broken_off(self._statement):
            return super().fetchall()

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        if _recordings:
            parameters = list(parameters)
            _sent(sql, parameters, many=True)
        return super().executemany(sql, parameters)


_PLAIN = sqlite3.Cursor
_listened: dict[type[sqlite3.Connection], type[sqlite3.Connection]] = {}


def _connecting(connect: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, factory: type[sqlite3.Connection] = sqlite3.Connection, **options: Any) -> Any:
        return connect(*arguments, factory=_listened_by(factory), **options)

    return wrapped


def _listened_by(factory: Any) -> type[sqlite3.Connection]:
    """The same kind of connection. One that makes cursors of its own is left to run what they are given on plain ones, which tell."""
    if factory not in _listened:
        takes_a_cursor = factory.cursor is sqlite3.Connection.cursor or any(
            isinstance(one, type) and issubclass(one, _PLAIN) for one in factory.cursor.__defaults__ or ()
        )

        class Listened(factory):  # type: ignore[misc]
            def cursor(self, *arguments: Any) -> Any:
                return super().cursor(*(arguments or ((ListenedCursor,) if takes_a_cursor else ())))

        _listened[factory] = Listened
    return _listened[factory]


# --- asyncpg ---------------------------------------------------------------------------------------------------------

Told = Callable[..., tuple[str, Any, bool]]


def _of_asyncpg() -> Iterator[tuple[Any, str, Told]]:
    """What runs something, by its class and name, and what it is given."""
    connection = asyncpg.connection.Connection
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        yield connection, name, lambda _, query, *values, **__: (query, values, False)
    yield connection, "executemany", lambda _, query, rows, **__: (query, rows, True)
    yield connection, "copy_records_to_table", lambda _, table, **__: (f"COPY {table}", (), False)
    for name in ("fetch", "fetchrow", "fetchval", "cursor"):
        yield PreparedStatement, name, lambda self, *values, **_: (self.get_query(), values, False)
    yield PreparedStatement, "executemany", lambda self, rows, **_: (self.get_query(), rows, True)


def _telling(plain: Callable[..., Any], told: Told) -> Callable[..., Any]:
    def wrapped(self: Any, *arguments: Any, **options: Any) -> Any:
        if _recordings:
            sql, parameters, many = told(self, *arguments, **options)
            if many:
                parameters = list(parameters)
                arguments = (*arguments[:-1], parameters)
            _sent(sql, parameters, many=many)
        return plain(self, *arguments, **options)

    return wrapped
