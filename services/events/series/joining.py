"""Use cases of members: coming to every date of a series, and to none of them any more."""

from collections.abc import Sequence
from uuid import UUID

from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from services.events.activities.access import is_announced
from services.events.activities.models import Activity
from services.events.registrations.queries import of_member
from services.events.registrations.service import Outcome, enter, give_back
from services.events.series.access import seen_series
from services.events.series.problems import NOTHING_TO_COME
from services.events.series.queries import locked_dates
from services.events.series.schemas import SeriesJoin


async def join(work: Work, key: UUID, body: SeriesJoin) -> list[Outcome]:
    """Give the caller a seat, or a place in the line, at each date to come. Where they have one, nothing changes.

    Raises `NOTHING_TO_COME` where members know of no date to come.
    """
    member_id, dates = await _to_come(work, key)
    dates = [one for one in dates if one.status == "announced"]
    if not dates:
        raise NOTHING_TO_COME()
    return await enter(work, dates, member_id, short_notice=body.short_notice)


async def leave(work: Work, key: UUID) -> list[Outcome]:
    """Give back what the caller has at the dates to come. Where they have nothing, nothing changes."""
    member_id, dates = await _to_come(work, key)
    rows = await of_member(work.session, member_id, [one.id for one in dates])
    return await give_back(work, [(one, rows[one.id]) for one in dates if one.id in rows])


async def _to_come(work: Work, key: UUID) -> tuple[UUID, Sequence[Activity]]:
    found = await seen_series(work, key)
    if found.standing.member_id is None:
        raise NOT_FOUND()
    dates = await locked_dates(work.session, found.series.id, work.now)
    return found.standing.member_id, [one for one in dates if is_announced(one) and one.starts_at > work.now]
