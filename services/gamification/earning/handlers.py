"""Integration events in: what earns, and what decides what it earns."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES
from services.gamification.base import moment_of
from services.gamification.earning import circumstances, service, triggers
from services.gamification.earning.occasions import DaysMoved, days_moved

handlers = Handlers()


@handlers.on(*COMMUNITY_STATES)
async def keep_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community's day begins where it says, from when it says so."""
    moved = await circumstances.calendars_changed(session, messages)
    if moved:
        await days_moved.happened(session, DaysMoved(moved, moment_of(session)))


@handlers.on(*MEMBER_STATES)
async def open_wallets(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members have wallets and are welcomed; who is suspended or gone earns nothing from then on."""
    await circumstances.members_changed(session, messages)


@handlers.on(*triggers.DEEDS)
async def reward_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What members do earns what the rules give."""
    changes, members = triggers.states_after([m for m in messages if isinstance(m.data, triggers.REDOING)])
    if changes:
        await service.change_states(session, changes, members=members)
    await service.reward(session, triggers.occurrences_of(messages), causes=triggers.causes_of(messages))


@handlers.on(*triggers.UNDOING)
async def take_back(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is removed or undone earns nothing; what is restored earns it again."""
    changes, members = triggers.states_after(messages)
    await service.change_states(session, changes, members=members)
