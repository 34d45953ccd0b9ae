"""The handlers that keep a projection, alike in every service that has one."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.apply import apply_communities, apply_members, apply_people
from chassis.projections.tables import KnownTables
from contracts.base import IntegrationEvent

States = Sequence[type[IntegrationEvent]]


def follow_membership(
    handlers: Handlers, known: KnownTables, *, people: States, communities: States, members: States
) -> None:
    """Register the handlers for the given types: those that carry the whole state of a person, a community, a member."""

    @handlers.on(*people)
    async def know_people(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_people(session, known, messages)

    @handlers.on(*communities)
    async def know_communities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_communities(session, known, messages)

    @handlers.on(*members)
    async def know_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        await apply_members(session, known, messages)
