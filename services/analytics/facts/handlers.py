"""Integration events in: what was so when something happened."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.history import keep_calendars, keep_statuses
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES, PERSON_STATES
from services.analytics.facts.dimensions import keep_places, keep_stands

handlers = Handlers()


@handlers.on(*COMMUNITY_STATES)
async def date_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community's day begins where it says, from when it says so."""
    await keep_calendars(session, messages)


@handlers.on(*PERSON_STATES)
async def date_places(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """People work where membership says, from when it says so."""
    await keep_places(session, messages)


@handlers.on(*MEMBER_STATES)
async def date_stands(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members have the status and the roles that membership says, from when it says so."""
    await keep_statuses(session, messages)
    await keep_stands(session, messages)
