"""Use cases of retention."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.messaging.lag import as_of
from chassis.problems import INVALID
from chassis.projections.history import calendars_of
from chassis.web.work import Work
from services.analytics.metrics.rules import Period, period_of, periods
from services.analytics.retention.keeping import counted
from services.analytics.retention.problems import BACKWARDS, too_many_cohorts
from services.analytics.retention.queries import Joined
from services.analytics.retention.rules import CohortGrain, Count, Row, cells, count_between, default_first

SHOWN = 12
MOST = 120
"""Cohorts of an answer, and cells of each."""


@dataclass(frozen=True, slots=True)
class Retention:
    """The cohorts of an answer by their first day, the first one first."""

    as_of: datetime
    rows: list[tuple[date, Row]]


async def read_retention(
    work: Work,
    *,
    community_id: UUID,
    grain: CohortGrain,
    count: Count,
    from_: date | None,
    to: date | None,
    width: int | None,
    staff: bool,
) -> Retention:
    """The cohorts of these days; by default the last twelve. Raises `INVALID`."""
    await work.permit(community_id)
    today = (await calendars_of(work.session, [community_id]))[community_id].day_of(work.now)
    last = to or max(today, from_ or today)
    first = from_ or default_first(last, grain, SHOWN)
    _check(first, last, grain)
    cohorts = Period(period_of(first, grain.grain).starts_on, period_of(last, grain.grain).ends_on)
    joined = Joined(community_id, cohorts, grain, staff)
    width = width or max(1, min(MOST, count_between(first, today, grain) + 1))
    found = await counted(work.session, (joined, count, width), today=today, now=work.now)
    rows = []
    for period in periods(first, last, grain.grain):
        cohort = found.sizes.get(period.starts_on)
        made = cells(
            period,
            cohort,
            found.active.get(period.starts_on, {}),
            grain=grain,
            count=count,
            width=width,
            today=today,
        )
        rows.append((period.starts_on, made))
    return Retention(await as_of(work.session, work.now), rows)


def _check(first: date, last: date, grain: CohortGrain) -> None:
    if last < first:
        raise INVALID(errors=[BACKWARDS])
    if (many := count_between(first, last, grain) + 1) > MOST:
        raise INVALID(errors=[too_many_cohorts(many, MOST)])
