"""Learning records as they are kept: read and written all at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.statements import Prepared
from services.analytics.base import known
from services.analytics.learning.models import (
    DepartmentManager,
    LearningActivity,
    LearningAttendance,
    LearningRecord,
)
from services.analytics.learning.rules import Attended, Held

Row = dict[str, Any]
Pair = tuple[UUID, UUID]
"""An activity and a member."""

ACTIVITIES: Table = LearningActivity.__table__  # type: ignore[attr-defined]
ATTENDANCES: Table = LearningAttendance.__table__  # type: ignore[attr-defined]
RECORDS: Table = LearningRecord.__table__  # type: ignore[attr-defined]
MANAGERS: Table = DepartmentManager.__table__  # type: ignore[attr-defined]


_HELD: Prepared[Any] = Prepared(lambda on: select(ACTIVITIES).where(on.among(ACTIVITIES.c.id, "ids")))
_ATTENDED: Prepared[Any] = Prepared(
    lambda on: select(ATTENDANCES).where(on.among(ATTENDANCES.c.activity_id, "ids"), ATTENDANCES.c.revoked.is_(False))
)
_RECORDS: Prepared[Any] = Prepared(lambda on: select(RECORDS).where(on.among(RECORDS.c.activity_id, "ids")))
_NAMELESS: Prepared[Any] = Prepared(
    lambda on: select(RECORDS).where(on.among(RECORDS.c.member_id, "ids"), RECORDS.c.person_id.is_(None))
)
_PERSONS: Prepared[Any] = Prepared(
    lambda on: select(known.members.c.id, known.members.c.person_id).where(on.among(known.members.c.id, "ids"))
)
_NAMES = [column.name for column in RECORDS.columns]


async def held(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Held]:
    """These activities as far as they are known."""
    return {
        row.id: Held(row.starts_at, row.ends_at, row.hours, row.cancelled)
        for row in await _HELD.all(session, ids=list(ids))
    }


async def attended(session: AsyncSession, ids: Collection[UUID]) -> Mapping[Pair, list[Attended]]:
    """Who was at these activities, without what was revoked."""
    found: defaultdict[Pair, list[Attended]] = defaultdict(list)
    for row in await _ATTENDED.all(session, ids=list(ids)):
        one = Attended(row.role, row.extent, row.minutes, row.at, row.hours)
        found[row.activity_id, row.member_id].append(one)
    return found


async def records_of(session: AsyncSession, ids: Collection[UUID]) -> dict[Pair, Row]:
    """The records of these activities."""
    rows = await _RECORDS.all(session, ids=list(ids))
    return {(row.activity_id, row.member_id): dict(zip(_NAMES, row, strict=True)) for row in rows}


async def nameless(session: AsyncSession, member_ids: Collection[UUID]) -> list[Row]:
    """The records of these members of which it was not known who they are."""
    rows = await _NAMELESS.all(session, ids=list(member_ids))
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


async def persons(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Who these members are, as far as it is known."""
    return {row.id: row.person_id for row in await _PERSONS.all(session, ids=list(member_ids))}


async def write(session: AsyncSession, rows: Collection[Row]) -> None:
    """Write these records."""
    ordered = sorted(rows, key=lambda row: row["id"])
    await upsert_many(session, RECORDS, ordered, key=["id"], update=[name for name in _NAMES if name != "id"])


def record_id(pair: Pair) -> UUID:
    """A record's id: the same for the same member and activity, in any order of messages."""
    activity_id, member_id = pair
    return uuid5(activity_id, f"learning of {member_id}")


def _managing(on: Any) -> Any:
    departments = known.departments.c
    way = select(departments.id, departments.parent_code).where(on.among(departments.id, "codes"))
    up = way.cte("way", recursive=True)
    both = up.union(select(departments.id, departments.parent_code).where(departments.id == up.c.parent_code))
    return select(MANAGERS.c.person_id).where(MANAGERS.c.code.in_(select(both.c.id)), MANAGERS.c.person_id.is_not(None))


_MANAGING: Prepared[Any] = Prepared(_managing)


async def managers_above(session: AsyncSession, code: str) -> set[UUID]:
    """Who manages a department, or one above it."""
    return set(await _MANAGING.all(session, codes=[code]))
