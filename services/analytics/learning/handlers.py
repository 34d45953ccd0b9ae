"""Integration events in: what people learn by, and who manages them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts import events
from contracts.membership import DEPARTMENT_STATES, MEMBER_STATES, DepartmentSnapshot
from services.analytics.facts.newest import keep_newest
from services.analytics.learning import recording, store

handlers = Handlers()

ABOUT_ACTIVITIES = (
    events.ActivityAnnounced,
    events.ActivityUpdated,
    events.ActivityMoved,
    events.ActivityCancelled,
    events.ActivityCompleted,
)


@handlers.on(*ABOUT_ACTIVITIES, counts_deeds=True)
async def learn_of_activities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Activities last as long, and give as many hours, as the latest message says."""
    await recording.activities_told(session, messages)


@handlers.on(events.AttendanceRecorded, events.AttendanceRevoked, counts_deeds=True)
async def learn_of_attendances(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who was there has hours of it, and none where they were not after all."""
    await recording.attendances_told(session, messages)


@handlers.on(*MEMBER_STATES)
async def learn_who_they_are(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Records of a member become those of a person."""
    await recording.members_told(session, messages)


@handlers.on(*DEPARTMENT_STATES)
async def keep_managers(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Departments are managed by whom membership says."""
    rows = [
        {
            "code": message.data.code,
            "person_id": message.data.manager_person_id,
            "version": message.version,
            "told_at": message.recorded_at,
        }
        for message in messages
    ]
    await keep_newest(session, store.MANAGERS, rows)


async def _forget_managers(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(store.MANAGERS).where(store.MANAGERS.c.told_at < before))


handlers.when_restated(DepartmentSnapshot, _forget_managers)
