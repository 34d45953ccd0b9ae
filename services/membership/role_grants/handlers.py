"""Messages of gamification in: what a level grants."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.gamification import LevelDemoted, LevelPromoted, PerksChanged
from services.membership.role_grants import perks

handlers = Handlers()


@handlers.on(LevelPromoted, LevelDemoted, PerksChanged)
async def follow_levels(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Roles come and go with the level that grants them, and with what it grants."""
    await perks.follow_levels(session, messages)
