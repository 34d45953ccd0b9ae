"""Integration events in: what happened, and what was so when it did."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.belonging import MentorshipCompleted, MentorshipStarted
from contracts.conduct import PENALTY_STATES
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES, PERSON_STATES, MemberJoined
from services.analytics.base import penalties
from services.analytics.facts import moving, service
from services.analytics.facts.catalogue import CATALOGUE

handlers = Handlers()

_DEEDS = frozenset({MentorshipStarted, MentorshipCompleted})
"""Of membership's messages those that it can tell once more as deeds."""
_MEMBERSHIPS = [
    message
    for message in CATALOGUE
    if message.SOURCE == MemberJoined.SOURCE and message not in _DEEDS and message not in PENALTY_STATES
]


@handlers.on(*COMMUNITY_STATES)
async def date_calendars(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community's day begins where it says, from when it says so."""
    await moving.days_moved(session, messages)


@handlers.on(*PERSON_STATES)
async def date_places(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """People work where membership says, from when it says so."""
    await moving.people_moved(session, messages)


@handlers.on(*MEMBER_STATES)
async def date_stands(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members have the status and the roles that membership says, from when it says so."""
    await moving.members_moved(session, messages)


@handlers.on(*_MEMBERSHIPS)
async def count_memberships(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who joins, leaves and applies: membership restates who is a member, and no deeds."""
    await service.count(session, messages)


@handlers.on(
    *(message for message in CATALOGUE if message not in _MEMBERSHIPS and message not in PENALTY_STATES),
    counts_deeds=True,
)
async def count_facts(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What members do is a fact, and counts."""
    await service.count(session, messages)
    await service.tell_history(session, messages)


@handlers.on(*PENALTY_STATES)
async def count_penalties(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """How many penalties there are; each revision is answered once. One that is lifted is among them no more."""
    await service.count(session, [message for message in messages if type(message.data) in CATALOGUE])
    for step in await penalties.learn(session, messages):
        known = step.before.revision > 0 and not step.before.undone
        await penalties.answer(session, step, undone={"penalties": int(known and step.now.undone)})
