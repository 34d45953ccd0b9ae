"""Databases of tests without what each test would pay for anew and none is about.

Every test has a database, and so engines, of its own. SQLAlchemy keeps the text of statements it has compiled by engine: each
test would compile all of its statements again, which takes longer than running them. And SQLite waits at each commit until the
disk has it, which tells apart only a machine that loses its power; killed processes lose nothing without it either.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.util import LRUCache

from chassis.database.engine import Database

_dialects: dict[tuple[str, str], Dialect] = {}
_compiled: LRUCache[Any, Any] = LRUCache(5000)


def lightened(database: Database) -> Database:
    """The same, before its first connection: it shares compiled statements with those of other tests and does not wait for the disk."""
    for use, engine in (("write", database.writer.sync_engine), ("read", database.reader.sync_engine)):
        _share_compiled(engine, use)
        if database.is_sqlite:
            event.listen(engine, "connect", _not_waiting_for_the_disk)
    return database


def _share_compiled(engine: Engine, use: str) -> None:
    # A compiled statement belongs to a dialect; those of engines for the same use are alike. The first that has asked its
    # server what it can do, as a dialect does with its engine's first connection, stands for all.
    key = (engine.dialect.name, use)
    if key in _dialects:
        engine.dialect = _dialects[key]
    else:
        event.listen(engine, "engine_connect", lambda _: _dialects.setdefault(key, engine.dialect), once=True)
    engine.update_execution_options(compiled_cache=_compiled)


def _not_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
