"""Integration events in: what membership says of penalties."""

from collections.abc import Sequence
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from chassis.timers import schedule_many
from contracts.conduct import PENALTY_STATES
from services.events.base import penalties
from services.events.penalties.service import note

RETURN: Final = "member.returns_to_activities"
"""The timer of what a member's penalties take from them and give back; registrations have its function."""

handlers = Handlers()


@handlers.on(*PENALTY_STATES)
async def follow_penalties(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Keep the greatest revision of each penalty, in whatever order they come. Who was never kept away has lost nothing, which is answered at once."""
    steps = await penalties.learn(session, messages)
    barring = await note(session, messages)
    concerned = {message.data.member_id for message in messages if message.data.penalty_id in barring}
    # Under a lock for each activity, one after the other.
    await schedule_many(session, RETURN, dict.fromkeys(concerned, moment_of(session)))
    for step in steps:
        if step.now.id not in barring:
            await penalties.answer(session, step)
