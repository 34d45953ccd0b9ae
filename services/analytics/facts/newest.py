"""Rows that the latest message decides, in whatever order messages come."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many

Row = dict[str, Any]


def newest(table: Table, added: Any, names: Sequence[str]) -> Any:
    """What a newer message tells stands in the place of what an older one told; what is told again has another time of telling."""
    (key,) = table.primary_key.columns
    said = {name: added.excluded[name] for name in names if name != key.name}
    return added.on_conflict_do_update(index_elements=[key], set_=said, where=added.excluded.version >= table.c.version)


async def keep_newest(session: AsyncSession, table: Table, rows: Iterable[Row]) -> None:
    """Keep of each thing what the greatest version told."""
    (key,) = table.primary_key.columns
    kept: dict[Any, Row] = {}
    for row in rows:
        if row["version"] >= kept.get(row[key.name], {"version": -1})["version"]:
            kept[row[key.name]] = row
    await merge_many(session, table, [kept[one] for one in sorted(kept)], newest)
