"""What endpoints are told: read by a consumer group of its own, however slow."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.messaging.handlers import Handlers, Received
from services.membership.webhooks.message_types import TOLD
from services.membership.webhooks.telling import tell, wanted_types

handlers = Handlers()
handlers.wanted = wanted_types


@handlers.on(*TOLD)
async def tell_endpoints(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Have them wait for each endpoint that is told them."""
    await tell(session, messages, context_of(session).runtime.clock())
