"""Integration events in: a penalty that is over no longer keeps anybody from a level."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.membership import SANCTION_STATES
from services.gamification.levels.service import look_again

handlers = Handlers()


@handlers.on(*SANCTION_STATES)
async def let_climb(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who may do everything again reaches what a penalty kept them from."""
    members = {message.data.member_id: message.data.community_id for message in messages}
    await look_again(session, members, moment_of(session))
