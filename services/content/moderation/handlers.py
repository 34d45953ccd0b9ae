"""What other services tell of texts."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.events import TextWritten as EventsTextWritten
from contracts.gamification import TextWritten as GamificationTextWritten
from contracts.membership import TextWritten as MembershipTextWritten
from services.content.moderation import judging

handlers = Handlers()


@handlers.on(EventsTextWritten, GamificationTextWritten, MembershipTextWritten)
async def judge_texts(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Decide whether others read them."""
    await judging.judge(session, messages, moment_of(session))
