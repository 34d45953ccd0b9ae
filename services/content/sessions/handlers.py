"""What events tells of sharing sessions and who speaks there."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.events import ActivityCompleted, SpeakerInvited, SpeakerWithdrawn
from services.content.sessions import service

handlers = Handlers()


@handlers.on(ActivityCompleted)
async def draft_archives(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Begin a draft about each sharing session that took place, not about what is only told once more of long ago."""
    for message in messages:
        if message.data.kind == "sharing_session" and not message.backfill:
            await service.take_completed(session, message, moment_of(session))


@handlers.on(SpeakerInvited, SpeakerWithdrawn)
async def follow_speakers(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Give the draft to who speaks there after all, and take it from who does not."""
    for message in messages:
        if message.data.speaker.member_id is not None:
            await service.take_speaker(session, message, moment_of(session))
