"""Integration events in: what membership says of penalties, and what follows from it here."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.conduct import PENALTY_STATES, AppealGranted
from services.content.base import penalties
from services.content.penalties.service import apply, give_back

handlers = Handlers()


@handlers.on(*PENALTY_STATES)
async def follow_penalties(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Apply the greatest revision of each penalty, in whatever order they come, and answer it once."""
    for step in await penalties.learn(session, messages):
        undone, left = await apply(session, step)
        await penalties.answer(session, step, undone=undone, left=left)


@handlers.on(AppealGranted)
async def follow_appeals(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Give back what a moderator removed and should not have; what is appealed against else is no matter of this service."""
    await give_back(session, {(one.data.object.kind, one.data.object.id): one.occurred_at for one in messages})
