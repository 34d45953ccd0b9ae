"""Rows that many messages write: locked in the order of their ids, merged by `rules`, written together."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.base import Row as Model
from chassis.database.base import new_row
from chassis.database.bulk import insert_new, upsert_many
from chassis.database.statements import Prepared
from services.analytics.processes.models import QuestionCourse
from services.analytics.processes.rules import Keeping, Row

Told = Sequence[tuple[UUID, Row]]
"""What messages say of things, in any order."""


def table_of(model: type[Model]) -> Table:
    """The table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@lru_cache(maxsize=16)
def _locked(table: Table) -> Prepared[Any]:
    # In the order of their ids, so that two batches cannot wait for each other.
    return Prepared(lambda on: select(table).where(on.among(table.c.id, "ids")).order_by(table.c.id).with_for_update())


async def lock(session: AsyncSession, model: type[Model], ids: Iterable[UUID]) -> dict[UUID, Row]:
    """The rows of these things, made where there are none, and locked."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = table_of(model)
    await insert_new(session, table, [_empty(model, key) for key in wanted], key=["id"])
    names = [column.name for column in table.columns]
    return {row.id: dict(zip(names, row, strict=True)) for row in await _locked(table).all(session, ids=wanted)}


def _empty(model: type[Model], key: UUID) -> Row:
    # A question counts in itself until it is merged.
    own = {"counted_in": key} if model is QuestionCourse else {}
    return new_row(model, id=key, **own)


async def keep(session: AsyncSession, model: type[Model], keeping: Keeping, told: Told) -> dict[UUID, tuple[Row, Row]]:
    """Keep what messages say; the rows before and after."""
    before = await lock(session, model, (key for key, _ in told))
    return await write(session, model, keeping, before, told)


async def write(
    session: AsyncSession, model: type[Model], keeping: Keeping, before: dict[UUID, Row], told: Told
) -> dict[UUID, tuple[Row, Row]]:
    """The same of rows that are locked."""
    after = dict(before)
    for key, news in told:
        after[key] = keeping.merge(after[key], news)
    changed = [after[key] for key in sorted(after) if after[key] != before[key]]
    await upsert_many(session, table_of(model), changed, key=["id"], update=keeping.columns())
    return {key: (before[key], after[key]) for key in after}
