"""One row by its key."""

from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import NOT_FOUND

Row = TypeVar("Row", bound=SQLModel)


async def existing(session: AsyncSession, model: type[Row], key: Any, *, lock: bool = False) -> Row:
    """The row with this primary key. Raises `NOT_FOUND`.

    `lock` reads it again and keeps others from changing it until the transaction ends: use it for whatever is changed, counted or capped.
    """
    row = await session.get(model, key, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NOT_FOUND()
    return row
