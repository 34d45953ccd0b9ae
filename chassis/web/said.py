"""What a community says about something, in one row: read with an `ETag`, changed by a merge patch with `If-Match`."""

from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.web.etags import require_match
from chassis.web.schemas import RequestModel
from chassis.web.work import Work

Row = TypeVar("Row", bound=SQLModel)


async def said(session: AsyncSession, model: type[Row], community_id: UUID) -> Row:
    """What it says; the model's defaults where it has said nothing."""
    return await session.get(model, community_id) or model(community_id=community_id)


async def say(work: Work, model: type[Row], community_id: UUID, patch: RequestModel, if_match: int) -> Row:
    """Say it from now on. Raises what `permit` and `require_match` raise."""
    await work.permit(community_id)
    table: Any = model.__table__  # type: ignore[attr-defined]
    await insert_new(work.session, table, [model(community_id=community_id).model_dump()], key=["community_id"])
    row = await existing(work.session, model, community_id, lock=True)
    require_match(row.version, if_match)  # type: ignore[attr-defined]  # what people edit has one
    return await work.edit(row, patch.model_dump(exclude_unset=True))
