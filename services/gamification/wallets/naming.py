"""What things of the features above are called in the entries of wallets."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.wallets.occasions import Sources


async def titles_of(session: AsyncSession, sources: Sources, kind: str, model: Any) -> Mapping[UUID, str]:
    """The titles of the sources of a kind; `model` is the table that they stand in."""
    ids = sources.ids.get(kind)
    if not ids:
        return {}
    statement = select(col(model.id), col(model.title)).where(among(session, col(model.id), ids))
    return {row.id: row.title for row in await session.execute(statement)}
