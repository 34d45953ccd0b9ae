"""Integration events in: who stands on boards."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.membership import MemberJoined, MemberLeft, MemberSnapshot, MemberStatusChanged
from services.gamification.leaderboards import service

handlers = Handlers()


@handlers.on(MemberJoined, MemberStatusChanged, MemberLeft, MemberSnapshot)
async def relist_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who left stands on no board."""
    await service.relist(session, [message.data.member_id for message in messages], moment_of(session))
