"""Reading work calendars."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.work_calendar import CHINA, WorkCalendar
from services.membership.work_calendars.models import WorkCalendarVersion
from services.membership.work_calendars.rules import NamedDay, as_year, named_days, read_kept

WORK_CALENDAR_MISSING = "work_calendar_missing"


@dataclass(frozen=True)
class Year:
    """What is known of a year; `version` 0 is what the release knows."""

    country: str
    year: int
    version: int
    known_until: date
    days: dict[date, NamedDay]
    imported_at: datetime | None = None


async def imported(session: AsyncSession, years: Collection[int] | None = None) -> list[WorkCalendarVersion]:
    """The newest version of each year that was imported, in order; of these years, or all."""
    newest = select(col(WorkCalendarVersion.year), func.max(col(WorkCalendarVersion.version)).label("version")).where(
        col(WorkCalendarVersion.country) == CHINA.country
    )
    if years is not None:
        newest = newest.where(col(WorkCalendarVersion.year).in_(years))
    last = newest.group_by(col(WorkCalendarVersion.year)).subquery()
    rows = await session.execute(
        select(WorkCalendarVersion)
        .join(
            last,
            (last.c.year == col(WorkCalendarVersion.year)) & (last.c.version == col(WorkCalendarVersion.version)),
        )
        .where(col(WorkCalendarVersion.country) == CHINA.country)
        .order_by(col(WorkCalendarVersion.year))
    )
    return list(rows.scalars())


def as_known(rows: Sequence[WorkCalendarVersion]) -> dict[int, Year]:
    """Every year of which something is known, the imported ones in the place of what the release knows."""
    known = {
        year: Year(CHINA.country, year, 0, told.known_until, named_days(told)) for year, told in CHINA.years.items()
    }
    return known | {
        row.year: Year(row.country, row.year, row.version, row.known_until, read_kept(row.days), row.imported_at)
        for row in rows
    }


def as_calendar(rows: Sequence[WorkCalendarVersion]) -> WorkCalendar:
    """The calendar with the years that were imported."""
    return CHINA.with_years({row.year: as_year(row.known_until, read_kept(row.days).values()) for row in rows})


async def alarm(session: AsyncSession, now: datetime) -> str | None:
    """From 1 December on, where the workdays of the next year are not known."""
    return WORK_CALENDAR_MISSING if await _missing(session, now) else None


async def missing(session: AsyncSession, _community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The same for those who run a community: their streaks rest on it, and an administrator can bring it."""
    awaited = CHINA.awaited(now.date())
    return Waiting(count=int(await _missing(session, now)), href=f"/v1/work-calendars?year={awaited}")


async def _missing(session: AsyncSession, now: datetime) -> bool:
    today = now.date()
    return as_calendar(await imported(session, [CHINA.awaited(today)])).is_missing(today)
