"""Facts written as rollups straight away, and the same facts to count again by hand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import insert_or_ignore
from services.analytics.facts.models import MemberDay, MemberPeriod, ObjectDay, Place
from services.analytics.facts.verbs import ACTIVE, READING, TAKING_PART, Verb

ABOUT = UUID(int=1)


@dataclass(frozen=True)
class Deed:
    """Something that was done; `member_id` is None of what is anonymous."""

    day: date
    verb: Verb
    member_id: UUID | None
    department: str = "D1"
    staff: bool = False
    about: UUID = ABOUT
    value: float = 0.0


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def first_of_quarter(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


GRAINS = {"week": monday, "month": first_of_month, "quarter": first_of_quarter}


async def roll_up(session: AsyncSession, community_id: UUID, deeds: Sequence[Deed]) -> None:
    """Write what these add up to."""
    numbers = await _places(session, {(deed.department, deed.staff) for deed in deeds})
    of_members = [deed for deed in deeds if deed.member_id is not None]
    days: dict[tuple, list[Deed]] = defaultdict(list)
    for deed in of_members:
        days[deed.day, int(deed.verb), deed.member_id, numbers[deed.department, deed.staff]].append(deed)
    for (day, verb, member_id, place), some in days.items():
        await _add(session, MemberDay, community_id, some, day=day, verb=verb, member_id=member_id, place_id=place)
    periods: dict[tuple, list[Deed]] = defaultdict(list)
    for deed in of_members:
        for grain, begins in GRAINS.items():
            periods[grain, begins(deed.day), deed.member_id, deed.staff].append(deed)
    for (grain, starts_on, member_id, staff), some in periods.items():
        row = {
            "generation": 1,
            "community_id": community_id,
            "grain": grain,
            "starts_on": starts_on,
            "member_id": member_id,
            "staff": staff,
            "deeds": sum(deed.verb in ACTIVE for deed in some),
            "taking_part": sum(deed.verb in TAKING_PART for deed in some),
            "reads": sum(deed.verb in READING for deed in some),
        }
        await session.execute(insert(MemberPeriod).values(**row))
    things: dict[tuple, list[Deed]] = defaultdict(list)
    for deed in deeds:
        things[deed.day, int(deed.verb), deed.about, deed.staff].append(deed)
    for (day, verb, about, staff), some in things.items():
        await _add(session, ObjectDay, community_id, some, day=day, verb=verb, about=about, staff=staff)


async def _places(session: AsyncSession, wanted: set[tuple[str, bool]]) -> dict[tuple[str, bool], int]:
    for department, staff in sorted(wanted):
        row = {"department_code": department, "job_grade": "", "site": "", "staff": staff}
        await session.execute(insert_or_ignore(session, Place.__table__).values(**row))  # type: ignore[attr-defined]
    found = await session.execute(select(col(Place.department_code), col(Place.staff), col(Place.id)))
    return {(department, staff): number for department, staff, number in found}


async def _add(session: AsyncSession, table: type, community_id: UUID, some: Iterable[Deed], **key: object) -> None:
    found = list(some)
    row = {"generation": 1, "community_id": community_id, "n": len(found), "value": sum(one.value for one in found)}
    await session.execute(insert(table).values(**row, **key))
