"""What must happen elsewhere in this service when a person is locked out or leaves, in the same transaction.

People stand below sessions and rosters and cannot call them: those say here what they want done, once, when the service is
put together (`definition.py`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

Consequence = Callable[[AsyncSession, Sequence[UUID], datetime], Awaitable[None]]
"""Is given the ids of the people concerned and the moment."""


@dataclass
class Consequences:
    """Functions by occasion, in the order in which they were registered, each once."""

    _locked_out: dict[str, Consequence] = field(default_factory=dict)
    _left: dict[str, Consequence] = field(default_factory=dict)

    def when_locked_out(self, consequence: Consequence) -> None:
        """Register what follows when people are suspended or leave."""
        self._locked_out[_name(consequence)] = consequence

    def when_left(self, consequence: Consequence) -> None:
        """Register what follows when people leave the company."""
        self._left[_name(consequence)] = consequence

    async def lock_out(self, session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> None:
        """Do what follows from suspensions."""
        if person_ids:
            for consequence in self._locked_out.values():
                await consequence(session, person_ids, now)

    async def leave(self, session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> None:
        """Do what follows from leaving: what follows from being locked out, and more."""
        await self.lock_out(session, person_ids, now)
        if person_ids:
            for consequence in self._left.values():
                await consequence(session, person_ids, now)


def _name(consequence: Consequence) -> str:
    return f"{consequence.__module__}.{getattr(consequence, '__qualname__', repr(consequence))}"


consequences = Consequences()
