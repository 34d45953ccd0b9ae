"""Integration events in."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections import follow_membership
from contracts.membership import (
    COMMUNITY_STATES,
    MEMBER_STATES,
    PERSON_STATES,
    MemberJoined,
    MemberLeft,
    MemberStatusChanged,
)
from services.gamification.base import known, moment_of
from services.gamification.earning import circumstances, triggers
from services.gamification.earning import service as earning
from services.gamification.leaderboards import service as leaderboards

handlers = Handlers()
follow_membership(handlers, known, people=PERSON_STATES, communities=COMMUNITY_STATES, members=MEMBER_STATES)


@handlers.on(*COMMUNITY_STATES)
async def keep_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community's day begins where it says, from when it says so."""
    moved = await circumstances.calendars_changed(session, messages)
    await leaderboards.recount(session, moved, moment_of(session))


@handlers.on(*MEMBER_STATES)
async def open_wallets(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members have wallets and are welcomed; who is suspended or gone earns nothing from then on."""
    await circumstances.members_changed(session, messages)


@handlers.on(MemberJoined, MemberStatusChanged, MemberLeft)
async def relist_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who left stands on no board."""
    await leaderboards.relist(session, [message.data.member_id for message in messages], moment_of(session))


@handlers.on(*triggers.DEEDS)
async def reward_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What members do earns what the rules give."""
    changes, members = triggers.states_after([m for m in messages if isinstance(m.data, triggers.REDOING)])
    if changes:
        await earning.change_states(session, changes, members=members)
    await earning.reward(session, triggers.occurrences_of(messages), causes=triggers.causes_of(messages))


@handlers.on(*triggers.UNDOING)
async def take_back(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is removed or undone earns nothing; what is restored earns it again."""
    changes, members = triggers.states_after(messages)
    await earning.change_states(session, changes, members=members)
