"""Messages of the company's HR system in."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.corporate import HrPersonHired, HrPersonLeft, HrPersonMoved
from services.membership.hr import service

handlers = Handlers()


@handlers.on(HrPersonHired, HrPersonMoved, HrPersonLeft)
async def follow_hr(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who is hired is registered or back, who moved is changed, who left is gone."""
    await service.follow(session, messages)
