"""One operation at work: its session, who asks, the permission that it needs, when; and what most do with the row they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import SYSTEM_ACTOR
from chassis.database.rows import existing
from chassis.messaging.outbox import tell
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from contracts.base import IntegrationEvent

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Work:
    """What a use case works with.

    `permission` is the one that the operation declares. What follows by itself from something else has neither it nor a caller:
    `Work(session, at)`.
    """

    session: AsyncSession
    now: datetime
    caller: Caller | None = None
    permission: Permission | None = None

    @property
    def actor(self) -> str:
        """Who it is recorded to be by."""
        return self.caller.actor if self.caller is not None else SYSTEM_ACTOR

    async def permit(self, community_id: UUID) -> None:
        """Refuse a caller who may not do this in the community. Raises what `authorize` raises."""
        if self.permission is None:
            raise TypeError("an operation that permits declares a permission")
        await authorize(self.session, self.caller, self.permission, community_id, now=self.now)

    async def permitted(self, model: type[Row], key: Any, *, lock: bool = False, if_match: int | None = None) -> Row:
        """The row with this primary key, if the caller may do this in its community.

        `lock` as in `existing`; `if_match` is the version that an edit was made for. Raises `NOT_FOUND`, else what `permit` and
        `require_match` raise.
        """
        row = await existing(self.session, model, key, lock=lock)
        await self.permit(row.community_id)  # type: ignore[attr-defined]  # its table has one
        if if_match is not None:
            require_match(row.version, if_match)  # type: ignore[attr-defined]  # what people edit has one
        return row

    async def add(self, row: Row, *, tells: type[IntegrationEvent] | None = None) -> Row:
        """Write a new row, tell of it, and record what it was made as: not for rows of long texts, which the trail would repeat."""
        self.session.add(row)
        await self.session.flush()
        if tells is not None:
            await tell(self.session, tells, row, self.now)
        made = {name: [None, value] for name, value in row.model_dump(exclude=_PLUMBING).items() if value is not None}
        await audit(self.session, self.caller, row, "create", made, self.now)
        return row

    async def edit(
        self,
        row: Row,
        values: Mapping[str, Any],
        *,
        action: str = "update",
        tells: type[IntegrationEvent] | None = None,
    ) -> Row:
        """Give a locked row these values and a new version, tell of it, and record what changed; where nothing does, nothing happens."""
        changes = changed_by(values, row)
        if changes:
            row.sqlmodel_update(dict(values))
            row.version += 1  # type: ignore[attr-defined]  # what people edit has one
            if tells is not None:
                await tell(self.session, tells, row, self.now)
            await audit(self.session, self.caller, row, action, changes, self.now)
        return row


_PLUMBING = {"id", "community_id", "version", "messages_published", "created_at", "updated_at"}
