"""Reading series and their dates."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Activity
from services.events.series.models import Series, SeriesOrganiser
from services.events.series.rules import MOST_DATES

_DATES: Prepared[Any] = Prepared(
    select(Activity).where(col(Activity.series_id) == bindparam("series_id")).order_by(col(Activity.series_no))
)
_LOCKED = Prepared(
    select(Activity)
    .where(col(Activity.series_id) == bindparam("series_id"), col(Activity.ends_at) > bindparam("since"))
    .order_by(col(Activity.id))
    .with_for_update()
)
_LAST_DAY: Prepared[date | None] = Prepared(
    select(func.max(col(Activity.series_on))).where(
        col(Activity.series_id) == bindparam("series_id"), col(Activity.series_no) < bindparam("before_no")
    )
)


async def dates_of(session: AsyncSession, series_id: UUID) -> Sequence[Any]:
    """All dates of a series, as they were planned."""
    return await _DATES.all(session, series_id=series_id)


async def locked_dates(session: AsyncSession, series_id: UUID, since: datetime) -> list[Activity]:
    """The dates of a series that end after a moment, all locked, always in the same order; the next first."""
    with taking(("series", series_id)):
        found = await _LOCKED.load(session, again=True, series_id=series_id, since=since)
    return sorted(found, key=lambda one: (one.starts_at, one.id))


async def last_day(session: AsyncSession, series_id: UUID, before_no: int = MOST_DATES + 1) -> date | None:
    """The last day for which a date is planned, of those that come before one in the series."""
    return await _LAST_DAY.one(session, series_id=series_id, before_no=before_no)


def listing(community_id: UUID, *, member_id: UUID | None, sees_drafts: bool) -> Listing:
    """A community's series, the newest first: drafts only for who runs them, or where `sees_drafts`."""
    found: list[Any] = [col(Series.community_id) == community_id]
    if not sees_drafts:
        shown = col(Series.announced_at).is_not(None)
        runs = exists().where(
            col(SeriesOrganiser.series_id) == col(Series.id), col(SeriesOrganiser.member_id) == member_id
        )
        found.append(or_(shown, runs) if member_id is not None else shown)
    return Listing(select(Series).where(*found), [col(Series.created_at).desc(), col(Series.id).desc()])
