"""The audit trail: who did what, written in the transaction of the deed. Rows are only ever inserted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import object_mapper
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared
from chassis.ids import COMPANY, new_id
from chassis.security.caller import Caller

KEPT = timedelta(days=3 * 365)

MASKED_FIELDS = frozenset({"code", "note"})
MASKED_PARTS = ("password", "secret", "token", "answers", "email", "phone")
"""A field is masked when its whole name is one of the former, or any of the latter stands in it (`password_hash`)."""
MASK = "***"


Changes = Mapping[str, Sequence[Any]]
"""Fields with [before, after]."""


@dataclass(frozen=True, slots=True)
class AuditObject:
    """What a command was about, where that is no row of a model."""

    kind: str
    id: UUID | str | None
    community_id: UUID | None = None


async def audit(
    session: AsyncSession,
    caller: Caller | None,
    what: SQLModel | AuditObject,
    action: str,
    changes: Changes,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
) -> None:
    """Record a command or a personal read: kind, id and community are those of the row.

    `action` is a verb, kept as `cohort.update`; one with a dot, or about no row, is kept as it is. In `changes`, values of secret and personal
    fields are masked here, whatever the caller passes.
    """
    await audit_many(session, caller, [(what, changes)], action, now, on_behalf_of=on_behalf_of)


async def audit_many(
    session: AsyncSession,
    caller: Caller | None,
    done: Sequence[tuple[SQLModel | AuditObject, Changes]],
    action: str,
    now: datetime,
    *,
    on_behalf_of: str | None = None,
) -> None:
    """Record one command on several things, each with its own changes, in one statement; see `audit`."""
    rows = [_entry(session, caller, what, action, changes, now, on_behalf_of) for what, changes in done]
    await _insert(context_of(session).tables.chassis.audit_entries).run_many(session, rows)


def _entry(
    session: AsyncSession,
    caller: Caller | None,
    what: SQLModel | AuditObject,
    action: str,
    changes: Changes,
    now: datetime,
    on_behalf_of: str | None,
) -> dict[str, Any]:
    context = context_of(session)
    object_ = what if isinstance(what, AuditObject) else _object_of(what)
    return {
        "id": new_id(),
        "at": now,
        "actor": caller.actor if caller else context.actor,
        "on_behalf_of": on_behalf_of,
        "action": action if what is object_ or "." in action else f"{object_.kind}.{action}",
        "object_kind": object_.kind,
        "object_id": None if object_.id is None else str(object_.id),
        "community_id": None if object_.community_id == COMPANY else object_.community_id,
        "changes": masked(changes),
        "request_id": context.request_id,
    }


@lru_cache(maxsize=64)
def _insert(entries: Table) -> Prepared[Any]:
    return Prepared(insert(entries))


def _object_of(row: SQLModel) -> AuditObject:
    kind = _WORD.sub("_", type(row).__name__).lower()
    (key,) = object_mapper(row).primary_key_from_instance(row)
    return AuditObject(kind, key, key if kind == "community" else getattr(row, "community_id", None))


_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word of a class's name begins: `ServiceAccount` is a `service_account`."""


def masked(changes: Changes) -> dict[str, list[Any]]:
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
