"""Bursts: more check-ins by code in one second than there are doors, as when the code is shown in a video call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, func, or_, select, type_coerce
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import is_postgres
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance

SHOWN: Final = 20
"""So many of a burst's check-ins are shown."""
_SECOND: Final = timedelta(seconds=1)


class Burst(NamedTuple):
    """A second, and how many checked in within it."""

    first_at: datetime
    many: int

    @property
    def second(self) -> datetime:
        """When it began."""
        return self.first_at.replace(microsecond=0)


def bursts_of(session: AsyncSession, activity: Activity) -> Listing:
    """The bursts at an activity, the first first: what was revoked since was there all the same."""
    first_at, count = func.min(col(Attendance.in_at)).label("first_at"), func.count().label("count")
    by_second = (
        select(first_at, count)
        .where(_by_code(activity.id))
        .group_by(_second(session))
        .having(func.count() > activity.doors)
        .subquery()
    )
    return Listing(select(by_second.c.first_at, by_second.c.count), [by_second.c.first_at.asc()])


async def check_ins_of(session: AsyncSession, activity_id: UUID, bursts: Sequence[Burst]) -> list[Attendance]:
    """The first check-ins of each of these bursts."""
    if not bursts:
        return []
    at, key = col(Attendance.in_at), col(Attendance.id)
    within = or_(*(and_(at >= one.second, at < one.second + _SECOND) for one in bursts))
    place = func.row_number().over(partition_by=_second(session), order_by=(at, key)).label("place")
    placed = select(key.label("id"), place).where(_by_code(activity_id), within).subquery()
    first = select(Attendance).join(placed, placed.c.id == key).where(placed.c.place <= SHOWN).order_by(at, key)
    return list((await session.execute(first)).scalars())


def _by_code(activity_id: UUID) -> ColumnElement[bool]:
    """Checked in with the code themselves: a steward's scans come as fast as they scan, and later all at once."""
    return and_(
        col(Attendance.activity_id) == activity_id,
        col(Attendance.method) == "code",
        col(Attendance.scanned_as).is_(None),
    )


def _second(session: AsyncSession) -> ColumnElement[Any]:
    at = col(Attendance.in_at)
    if is_postgres(session):
        return func.date_trunc("second", at)
    return func.substr(type_coerce(at, String), 1, 19)
