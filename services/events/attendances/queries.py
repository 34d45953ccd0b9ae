"""Reading attendances."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance
from services.events.base import known

_AT_DOOR: Prepared[UUID] = Prepared(select(col(Activity.id)).where(col(Activity.door) == bindparam("door")))
_LIVE = Prepared(
    select(Attendance).where(
        col(Attendance.activity_id) == bindparam("activity_id"),
        col(Attendance.member_id) == bindparam("member_id"),
        col(Attendance.role) == bindparam("role"),
        col(Attendance.revoked_at).is_(None),
    )
)


async def at_door(session: AsyncSession, door: str) -> UUID | None:
    """The activity behind a door."""
    return await _AT_DOOR.first(session, door=door)


async def live(session: AsyncSession, activity_id: UUID, member_id: UUID, role: str) -> Attendance | None:
    """A member's attendance at an activity, if it was not revoked."""
    found = await _LIVE.load(session, activity_id=activity_id, member_id=member_id, role=role)
    return found[0] if found else None


async def untold(session: AsyncSession, activity_id: UUID, most: int) -> Sequence[Attendance]:
    """Attendances of a completed activity that nobody was told of, the first by id."""
    found = select(Attendance).where(
        col(Attendance.activity_id) == activity_id,
        col(Attendance.told_at).is_(None),
        col(Attendance.revoked_at).is_(None),
    )
    return (await session.execute(found.order_by(col(Attendance.id)).limit(most))).scalars().all()


async def attended(session: AsyncSession, activity_id: UUID) -> int:
    """How many members were there, in whatever role."""
    members = select(func.count(func.distinct(col(Attendance.member_id)))).where(
        col(Attendance.activity_id) == activity_id, col(Attendance.revoked_at).is_(None)
    )
    return int((await session.execute(members)).scalar_one())


class Came(NamedTuple):
    """How many attend an activity, and how many of them had no seat."""

    present: int
    walk_ins: int


_CAME: Prepared[Any] = Prepared(
    select(
        func.count().label("present"),
        func.count(case((col(Attendance.walk_in), 1))).label("walk_ins"),
    ).where(
        col(Attendance.activity_id) == bindparam("activity_id"),
        col(Attendance.role) == "attendee",
        col(Attendance.revoked_at).is_(None),
    )
)


async def came_to(session: AsyncSession, activity_id: UUID) -> Came:
    """How many attend, revoked ones and speakers left out."""
    found = await _CAME.one(session, activity_id=activity_id)
    return Came(found.present, found.walk_ins)


_THERE: Prepared[UUID] = Prepared(
    select(col(Attendance.id))
    .where(
        col(Attendance.activity_id) == bindparam("activity_id"),
        col(Attendance.member_id) == bindparam("member_id"),
        col(Attendance.revoked_at).is_(None),
    )
    .limit(1)
)


async def was_there(session: AsyncSession, activity_id: UUID, member_id: UUID) -> bool:
    """Whether a member was there, in whatever role."""
    return await _THERE.first(session, activity_id=activity_id, member_id=member_id) is not None


_THEY: Prepared[UUID] = Prepared(
    lambda on: (
        select(col(Attendance.member_id))
        .where(
            col(Attendance.activity_id) == bindparam("activity_id"),
            on.among(col(Attendance.member_id), "member_ids"),
            col(Attendance.revoked_at).is_(None),
        )
        .distinct()
    )
)


async def there(session: AsyncSession, activity_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these members was there, in whatever role."""
    return set(await _THEY.all(session, activity_id=activity_id, member_ids=list(member_ids)))


_LIVE_OF = Prepared(
    lambda on: select(Attendance).where(
        col(Attendance.activity_id) == bindparam("activity_id"),
        on.among(col(Attendance.member_id), "member_ids"),
        col(Attendance.role) == "attendee",
        col(Attendance.revoked_at).is_(None),
    )
)


async def live_of(session: AsyncSession, activity_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Attendance]:
    """What is recorded of these members as attendees and was not revoked, by member."""
    found = await _LIVE_OF.load(session, activity_id=activity_id, member_ids=list(member_ids))
    return {row.member_id: row for row in found}


_NAMES: Prepared[Any] = Prepared(
    lambda on: select(known.people.c.id, known.people.c.display_name).where(on.among(known.people.c.id, "ids"))
)


async def names_of(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called."""
    return dict(await _NAMES.all(session, ids=list(person_ids)))


def listing(activity_id: UUID, only: UUID | None) -> Listing:
    """The attendances at an activity in the order in which they were recorded; `only` one member's, revoked ones too."""
    found = select(Attendance).where(col(Attendance.activity_id) == activity_id)
    if only is not None:
        found = found.where(col(Attendance.member_id) == only)
    return Listing(found, [col(Attendance.id).asc()])
