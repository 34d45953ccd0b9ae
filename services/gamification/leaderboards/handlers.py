"""Integration events in: who stands on boards."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.membership import MEMBER_STATES, PERSON_STATES
from services.gamification.leaderboards import service
from services.gamification.leaderboards.absences import keep_roles

handlers = Handlers()


@handlers.on(*MEMBER_STATES)
async def relist_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who left, opted out or runs the community stands on no board."""
    await keep_roles(session, messages)
    await service.relist(session, [message.data.member_id for message in messages], moment_of(session))


@handlers.on(*PERSON_STATES)
async def move_departments(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who changes department stands among their new colleagues."""
    await service.relist_people(session, [message.data.person_id for message in messages], moment_of(session))
