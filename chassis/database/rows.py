"""One row by its key."""

from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.problems import NOT_FOUND

Row = TypeVar("Row", bound=SQLModel)


async def existing(session: AsyncSession, model: type[Row], key: Any, *, lock: bool = False) -> Row:
    """The row with this primary key. Raises `NOT_FOUND`.

    `lock` reads it again and keeps others from changing it until the transaction ends: use it for whatever is changed, counted or capped.
    A request whose row is another's gives back its connection until then; see `chassis.database.lines`.
    """
    if lock:
        with taking((model.__tablename__, key)):
            row = await session.get(model, key, with_for_update=True, populate_existing=True)
    else:
        row = await session.get(model, key)
    if row is None:
        raise NOT_FOUND()
    return row
