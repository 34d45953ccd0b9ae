"""The row that an operation is about: found for who may have it, made or edited, told of and recorded."""

from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import tell
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from contracts.base import IntegrationEvent

Row = TypeVar("Row", bound=SQLModel)


async def permitted(
    session: AsyncSession,
    caller: Caller | None,
    wanted: Permission,
    model: type[Row],
    key: Any,
    *,
    now: datetime,
    lock: bool = False,
    if_match: int | None = None,
) -> Row:
    """The row with this primary key, if the permission reaches everything in its community.

    `lock` as in `existing`; `if_match` is the version that an edit was made for. Raises `NOT_FOUND`, else what `authorize` and
    `require_match` raise.
    """
    row = await existing(session, model, key, lock=lock)
    await authorize(session, caller, wanted, row.community_id, now=now)  # type: ignore[attr-defined]  # its table has one
    if if_match is not None:
        require_match(row.version, if_match)  # type: ignore[attr-defined]  # what people edit has one
    return row


async def add(
    session: AsyncSession,
    caller: Caller | None,
    row: SQLModel,
    now: datetime,
    *,
    tells: type[IntegrationEvent] | None = None,
) -> None:
    """Write a new row, tell of it, and record what it was made as: not for rows of long texts, which the trail would repeat."""
    session.add(row)
    await session.flush()
    if tells is not None:
        await tell(session, tells, row, now)
    made = {name: [None, value] for name, value in row.model_dump(exclude=_PLUMBING).items() if value is not None}
    await audit(session, caller, row, "create", made, now)


async def edit(
    session: AsyncSession,
    caller: Caller | None,
    row: SQLModel,
    values: dict[str, Any],
    now: datetime,
    *,
    action: str = "update",
    tells: type[IntegrationEvent] | None = None,
) -> None:
    """Give a locked row these values and a new version, tell of it, and record what changed; where nothing does, nothing happens."""
    changes = changed_by(values, row)
    if changes:
        row.sqlmodel_update(values)
        row.version += 1  # type: ignore[attr-defined]  # what people edit has one
        if tells is not None:
            await tell(session, tells, row, now)
        await audit(session, caller, row, action, changes, now)


_PLUMBING = {"id", "community_id", "version", "messages_published", "created_at", "updated_at"}
