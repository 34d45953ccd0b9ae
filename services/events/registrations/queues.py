"""Registrations that wait for those who run a community's activities: as queues of the desk, and one by one."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from services.events.activities.models import Activity
from services.events.registrations.models import Registration
from services.events.registrations.rules import RegistrationQueue

_SOON: Final = timedelta(hours=3)
"""Who has so little time left to take the seat that they are offered."""
_EXCUSABLE: Final = timedelta(days=7)
"""So long after an activity is completed those who did not come may still say why."""


def leave_to_decide(_now: datetime) -> tuple[Any, list[ColumnElement[bool]]]:
    """The members who asked for leave and wait for an answer."""
    asked = col(Registration.leave_asked_at)
    undecided = [asked.is_not(None), col(Registration.leave_decided_at).is_(None)]
    return asked, [*undecided, col(Registration.status) == "assigned", col(Activity.status) != "cancelled"]


def offers_running_out(now: datetime) -> tuple[Any, list[ColumnElement[bool]]]:
    """The members who are offered a seat and have three hours or less to take it."""
    ends = col(Registration.offer_ends_at).between(now, now + _SOON)
    return col(Registration.registered_at), [
        col(Activity.status) == "announced",
        col(Registration.status) == "offered",
        ends,
    ]


def no_shows(now: datetime) -> tuple[Any, list[ColumnElement[bool]]]:
    """Those who had a seat and did not come, for the week in which they may still say why."""
    missed, completed = col(Registration.no_show_at), col(Activity.completed_at)
    return missed, [missed.is_not(None), col(Activity.status) == "completed", completed > now - _EXCUSABLE]


_QUEUES: Final = {
    "leave_to_decide": leave_to_decide,
    "offers_running_out": offers_running_out,
    "no_shows": no_shows,
}


def listing(queue: RegistrationQueue, community_id: UUID, now: datetime) -> Listing:
    """What waits in a queue, the longest first."""
    since, wanted = _QUEUES[queue](now)
    found = select(Registration).join(Activity, col(Activity.id) == col(Registration.activity_id))
    return Listing(
        found.where(col(Registration.community_id) == community_id, *wanted),
        [since.asc(), col(Registration.id).asc()],
    )


async def waiting(
    queue: RegistrationQueue, session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None
) -> Waiting:
    """How many wait in a queue, and since when."""
    since, wanted = _QUEUES[queue](now)
    found = select(func.count(), func.min(since)).join_from(
        Registration, Activity, col(Activity.id) == col(Registration.activity_id)
    )
    counted = await session.execute(found.where(col(Registration.community_id) == community_id, *wanted))
    count, oldest_at = counted.one()
    href = f"/v1/registrations/waiting?community_id={community_id}&queue={queue}"
    return Waiting(count=count, oldest_at=oldest_at, href=href)
