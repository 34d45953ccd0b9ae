"""Telling what happened once, and keeping how it was told.

Points, check-ins, kudos, plans and stars are told again from the rows that they left. A level, a badge, a milestone or a season leaves too
little for that: ladders change, and the versions of all that is told of a member follow one another.
"""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.deeds import ToldDeeds
from chassis.messaging.outbox import Outgoing, emit_many
from services.gamification.deeds.models import Deed

deeds: Final[ToldDeeds[str]] = ToldDeeds(Deed)


async def keep(session: AsyncSession, messages: Sequence[Outgoing]) -> None:
    """Keep messages that the caller publishes in the same transaction."""
    await deeds.keep(session, _each, messages)


async def tell(session: AsyncSession, messages: Sequence[Outgoing]) -> None:
    """Publish messages, and keep each."""
    await emit_many(session, messages)
    await keep(session, messages)


def _each(message: Outgoing) -> str:
    return str(message.version)
