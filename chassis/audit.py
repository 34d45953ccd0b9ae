"""The audit trail: who did what, written in the transaction of the deed. Rows are only ever inserted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.security.caller import Caller

KEPT = timedelta(days=3 * 365)

MASKED_FIELDS = frozenset({"code", "note"})
MASKED_PARTS = ("password", "secret", "token", "answers", "email", "phone")
"""A field is masked when its whole name is one of the former, or any of the latter stands in it (`password_hash`)."""
MASK = "***"


async def audit(
    session: AsyncSession,
    caller: Caller | None,
    *,
    action: str,
    object_kind: str,
    object_id: UUID | str | None,
    now: datetime,
    community_id: UUID | None = None,
    on_behalf_of: str | None = None,
    changes: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Record a command or a personal read.

    `changes` maps a field to [before, after]; values of secret and personal fields are masked here, whatever the caller passes.
    """
    context = context_of(session)
    await session.execute(
        insert(context.tables.chassis.audit_entries),
        [
            {
                "id": new_id(),
                "at": now,
                "actor": caller.actor if caller else context.actor,
                "on_behalf_of": on_behalf_of,
                "action": action,
                "object_kind": object_kind,
                "object_id": None if object_id is None else str(object_id),
                "community_id": community_id,
                "changes": masked(changes or {}),
                "request_id": context.request_id,
            }
        ],
    )


def masked(changes: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The changes with what must not be kept replaced by `***`; that something changed stays visible."""
    return {
        field: [MASK if value is not None else None for value in values]
        if _is_masked(field)
        else [_plain(value) for value in values]
        for field, values in changes.items()
    }


def _is_masked(field: str) -> bool:
    name = field.lower()
    return name in MASKED_FIELDS or any(part in name for part in MASKED_PARTS)


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): MASK if _is_masked(str(key)) else _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)
