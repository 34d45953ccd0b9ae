"""The work calendar as a service knows it: what the release knows, and in its place the years that membership has told of."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.projections.tables import known_to
from chassis.work_calendar import CHINA, WorkCalendar, WorkYear


async def work_calendar(session: AsyncSession) -> WorkCalendar:
    """Which days are workdays, by what is known now."""
    rows = await _statement(known_to(session).work_calendars).all(session)
    return CHINA.with_years({row.year: work_year(row.known_until, off=row.off, workdays=row.workdays) for row in rows})


def work_year(known_until: date, *, off: Iterable[str], workdays: Iterable[str]) -> WorkYear:
    """A year of its days as they are kept."""
    return WorkYear(known_until, frozenset(map(date.fromisoformat, off)), frozenset(map(date.fromisoformat, workdays)))


@lru_cache(maxsize=64)
def _statement(table: Table) -> Prepared[Any]:
    columns = (table.c.year, table.c.known_until, table.c.off, table.c.workdays)
    return Prepared(select(*columns).where(table.c.country == CHINA.country))
