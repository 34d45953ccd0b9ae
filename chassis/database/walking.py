"""Walking over all rows of a statement, however many they are."""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

ROWS: Final = 500
"""Read at a time."""


async def walk(session: AsyncSession, statement: Select[*tuple[Any, ...]], *key: Any) -> AsyncIterator[tuple[Any, ...]]:
    """Each row, in the order of the columns of `key`, which no two rows have alike. The session forgets what it has read."""
    place = key[0] if len(key) == 1 else tuple_(*key)
    after: Any = None
    while True:
        some = statement.add_columns(*key).order_by(*key).limit(ROWS)
        if after is not None:
            some = some.where(place > after)
        rows = (await session.execute(some)).all()
        for row in rows:
            yield tuple(row[: -len(key)])
        if len(rows) < ROWS:
            return
        after = rows[-1][-1] if len(key) == 1 else tuple(rows[-1][-len(key) :])
        session.expunge_all()
