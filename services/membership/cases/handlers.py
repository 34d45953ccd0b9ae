"""Messages of content in: what its members reported and its scanners found."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.content import ContentFlagged, ContentReported
from services.membership.cases import service

handlers = Handlers()


@handlers.on(ContentFlagged, ContentReported)
async def open_cases(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A case for each thing, whatever tells of it and however often."""
    await service.follow_content(session, messages)
