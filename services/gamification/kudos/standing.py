"""How kudos stand: what is held or removed pays nothing, and what is released pays again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.outbox import tell
from contracts.gamification import KudosRemoved, KudosRestored
from services.gamification.earning import service as earning
from services.gamification.earning.rules import Target
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.rules import status_of

KIND = "kudos"
"""What moderation calls the text, and earning the thing."""


async def lock(session: AsyncSession, kudos_id: UUID) -> Kudos | None:
    """The kudos that an answer of moderation is about, locked before their text and before wallets."""
    return await session.get(Kudos, kudos_id, with_for_update=True, populate_existing=True)


async def take_verdict(session: AsyncSession, kudos: Any, verdict: str) -> None:
    """Moderation has looked at what was said."""
    if kudos is not None:
        await stand(session, kudos, {"held": verdict in {"hold", "remove"}}, moment_of(session))


async def stand(session: AsyncSession, kudos: Kudos, values: dict[str, Any], now: datetime) -> None:
    """Give locked kudos these values; where they count from now on or no more, tell it, and pay or take back."""
    before = _status(kudos)
    kudos.sqlmodel_update(values)
    after = _status(kudos)
    if (before == "given") is (after == "given"):
        return
    await tell(session, KudosRestored if after == "given" else KudosRemoved, kudos, now, again=True)
    await session.flush()
    move = earning.restore if after == "given" else earning.withdraw
    target = Target(KIND, str(kudos.id))
    await move(session, [target], version=kudos.messages_published, members=[kudos.receiver_id])


def _status(kudos: Kudos) -> str:
    return status_of(removed=kudos.removed_at is not None, held=kudos.held)
