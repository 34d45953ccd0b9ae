"""Integration events in: what earns, and what decides what it earns."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.events import ContestFinished, ContestRegraded
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES
from services.gamification.earning import circumstances, contests, service
from services.gamification.earning.triggers import TRIGGERS, causes_of

handlers = Handlers()


@handlers.on(*COMMUNITY_STATES)
async def keep_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community's day begins where it says, from when it says so."""
    await circumstances.calendars_changed(session, messages)


@handlers.on(*MEMBER_STATES)
async def open_wallets(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members get wallets and a welcome. Suspended and former members earn nothing from then on."""
    await circumstances.members_changed(session, messages)


@handlers.on(*TRIGGERS.deeds, counts_deeds=True)
async def reward_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What members do earns what the rules give."""
    changes, members = TRIGGERS.states_after(messages)
    if changes:
        await service.change_states(session, changes, members=members)
    await service.reward(session, TRIGGERS.occurrences_of(messages), causes=causes_of(messages))


@handlers.on(ContestFinished, ContestRegraded, counts_deeds=True)
async def reward_places(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who has a prize in a contest is paid it; a correction pays what it adds, and takes what it was decided to take."""
    changes, members = contests.withdrawn(messages)
    if changes:
        await service.change_states(session, changes, members=members)
    await service.reward(session, contests.places(messages), causes=causes_of(messages))


@handlers.on(*TRIGGERS.undoing)
async def take_back(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is removed or undone earns nothing; what is restored earns it again."""
    changes, members = TRIGGERS.states_after(messages)
    await service.change_states(session, changes, members=members)
