"""Integration events in: who was a member when, and where they worked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.history import calendars_of
from contracts.membership import COHORT_STATES, COMMUNITY_STATES, MEMBER_STATES, PERSON_STATES, CohortSnapshot
from services.analytics.facts.newest import keep_newest
from services.analytics.metrics.marks import touch_counting
from services.analytics.metrics.names import COHORTS
from services.analytics.metrics.reported import redate_values
from services.analytics.metrics.spells import communities_of_people, keep_spells, members_of_communities

handlers = Handlers()


@handlers.on(*MEMBER_STATES)
async def count_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Members are counted from when until when they were there."""
    await touch_counting(session, [message.data.community_id for message in messages])
    await keep_spells(session, [message.data.member_id for message in messages])


@handlers.on(*PERSON_STATES)
async def move_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who works elsewhere from a moment on is counted there from then on."""
    members = await communities_of_people(session, [message.data.person_id for message in messages])
    if members:
        await touch_counting(session, members.values())
        await keep_spells(session, members)


@handlers.on(*COMMUNITY_STATES)
async def move_days(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """A community whose day begins otherwise counts its members' days anew, and what was reported on them."""
    moved = await _moved(messages, session)
    if moved:
        await touch_counting(session, moved)
        await keep_spells(session, await members_of_communities(session, moved))
        await redate_values(session, moved)


@handlers.on(*COHORT_STATES)
async def name_cohorts(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Cohorts are called as membership says."""
    rows = [
        {
            "cohort_id": message.data.cohort_id,
            "name": message.data.name,
            "version": message.version,
            "told_at": message.recorded_at,
        }
        for message in messages
    ]
    await keep_newest(session, COHORTS, rows)


async def _forget_cohorts(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(COHORTS).where(COHORTS.c.told_at < before))


handlers.when_restated(CohortSnapshot, _forget_cohorts)


async def _moved(messages: Sequence[Received[Any]], session: AsyncSession) -> list[UUID]:
    """The communities whose days may be others now: those that have had two calendars, and those first heard of.

    Most messages about a community tell of something else, and need not look at thousands of members.
    """
    told: dict[UUID, set[int]] = {}
    for message in messages:
        told.setdefault(message.data.community_id, set()).add(message.version)
    calendars = await calendars_of(session, told)
    return [
        community_id
        for community_id, versions in told.items()
        if len({(one.time_zone, one.day_starts_at) for one in calendars[community_id].versions}) > 1
        or len(calendars[community_id].versions) <= len(versions)
    ]
