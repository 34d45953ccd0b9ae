"""Reading collections."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.listing import Listing
from services.content.collections.models import Collection


def of_community(community_id: UUID) -> Listing:
    """The whole tree, siblings in their order: whoever shows it hangs each on its parent."""
    every = select(Collection).where(col(Collection.community_id) == community_id)
    return Listing(every, [col(Collection.position).asc(), col(Collection.name).asc(), col(Collection.id).asc()])


async def locked_tree(session: AsyncSession, community_id: UUID) -> dict[UUID, UUID | None]:
    """Every collection of a community with its parent, kept from being moved by others."""
    every = select(Collection).where(col(Collection.community_id) == community_id)
    with taking(("collections", community_id)):
        rows = await session.execute(every.order_by(col(Collection.id)).with_for_update())
    return {row.id: row.parent_id for row in rows.scalars()}


async def has_children(session: AsyncSession, key: UUID) -> bool:
    """Whether another stands in it."""
    found = await session.execute(select(exists().where(col(Collection.parent_id) == key)))
    return bool(found.scalar_one())


def stands_in(column: Any, key: UUID) -> ColumnElement[bool]:
    """Whether a column names this collection or one below it."""
    tree = select(col(Collection.id)).where(col(Collection.id) == key).cte("below", recursive=True)
    tree = tree.union_all(select(col(Collection.id)).where(col(Collection.parent_id) == tree.c.id))
    return cast("ColumnElement[bool]", column.in_(select(tree.c.id)))
