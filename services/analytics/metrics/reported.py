"""Metrics that are reported: by hand, by a program, or from a file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam, rows_of
from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from chassis.tabular.numbers import LARGEST
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.frame import Asked, Metric, Reading, Said, cells
from services.analytics.metrics.models import ReportedMetric, ReportedValue
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import began, by_cell

REPORTED: Table = ReportedMetric.__table__  # type: ignore[attr-defined]
VALUES: Table = ReportedValue.__table__  # type: ignore[attr-defined]
LARGEST_VALUE = LARGEST
"""What is reported is no further from zero, however it comes: all that is worked out of it stays a number."""

_OF_COMMUNITY: Prepared[Any] = Prepared(
    select(ReportedMetric)
    .where(col(ReportedMetric.community_id) == bindparam("community_id"))
    .order_by(col(ReportedMetric.created_at), col(ReportedMetric.id))
)
_NAMED: Prepared[Any] = Prepared(
    lambda on: select(ReportedMetric).where(
        col(ReportedMetric.community_id) == bindparam("community_id"), on.among(REPORTED.c.code, "codes")
    )
)
_DATED: Prepared[Any] = Prepared(
    lambda on: (
        select(VALUES.c.id, VALUES.c.community_id, VALUES.c.at, VALUES.c.day)
        .join(REPORTED, REPORTED.c.id == VALUES.c.metric_id)
        .where(on.among(REPORTED.c.community_id, "ids"))
    )
)


@dataclass(frozen=True, slots=True)
class _Last:
    """Computes: the last value reported of each period."""

    metric_id: UUID

    async def __call__(self, session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        begins = began(session, VALUES.c.day, asked.grain, periods[0]).label("begins")
        told = (
            select(
                begins,
                VALUES.c.value,
                func.row_number().over(partition_by=begins, order_by=VALUES.c.at.desc()).label("place"),
                func.count().over(partition_by=begins).label("n"),
            )
            .where(
                VALUES.c.metric_id == self.metric_id,
                VALUES.c.current,
                VALUES.c.day.between(periods[0].starts_on, periods[-1].ends_on),
            )
            .subquery()
        )
        found = await rows_of(session, select(told.c.begins, told.c.value, told.c.n).where(told.c.place == 1))
        last = by_cell(periods, asked, ((first, None, (value, n)) for first, value, n in found))
        nothing: tuple[float | None, int] = (None, 0)
        return [
            Reading(period.starts_on, period.ends_on, None, *last.get((period, group), nothing))
            for period, group in cells(asked, periods)
        ]


def _metric(row: Any) -> Metric:
    return Metric(
        code=row.code,
        version=1,
        unit=row.unit,
        kind="reported",
        title=Said(row.name, row.name),
        definition=Said(
            f"Reported, not computed here. Source: {row.source}. The last value of a period counts; `n` is how many there are.",
            f"由人工或系统填报，非本系统计算。来源：{row.source}。取周期内最后一个值；`n` 为值的个数。",
        ),
        compute=_Last(row.id),
        staffed=False,
        reported_id=row.id,
        source=row.source,
    )


async def metrics_of(session: AsyncSession, community_id: UUID) -> list[Metric]:
    """All metrics of a community: those that are computed, then its own."""
    own = await _OF_COMMUNITY.all(session, community_id=community_id)
    return [*METRICS.values(), *map(_metric, own)]


async def metrics_named(session: AsyncSession, community_id: UUID, codes: Collection[str]) -> dict[str, Metric]:
    """The metrics with these codes that the community has, computed or reported."""
    found = {code: METRICS[code] for code in codes if code in METRICS}
    if others := [code for code in codes if code not in METRICS]:
        own = await _NAMED.all(session, community_id=community_id, codes=others)
        found |= {row.code: _metric(row) for row in own}
    return found


async def metric_of(session: AsyncSession, community_id: UUID, code: str) -> Metric | None:
    """A metric of the community, computed or reported."""
    return (await metrics_named(session, community_id, [code])).get(code)


def values_of(community_id: UUID, metric_id: UUID) -> Listing:
    """What was reported of a metric, the latest moment first, with what was corrected."""
    return Listing(
        select(ReportedValue).where(
            col(ReportedValue.community_id) == community_id, col(ReportedValue.metric_id) == metric_id
        ),
        [col(ReportedValue.at).desc(), col(ReportedValue.revision).desc(), col(ReportedValue.id).desc()],
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A value that somebody reports of a moment."""

    at: datetime
    value: float
    note: str | None


def revise(
    metric: ReportedMetric, current: ReportedValue | None, told: Told, day: date, by: str, now: datetime
) -> ReportedValue | None:
    """The row of a new value, or of a correction of the present one; None where that says the same."""
    if current is not None and (current.value, current.note) == (told.value, told.note):
        return None
    if current is not None:
        current.current = False
    return ReportedValue(
        metric_id=metric.id,
        community_id=metric.community_id,
        at=told.at,
        day=day,
        revision=1 if current is None else current.revision + 1,
        value=told.value,
        note=told.note,
        by=by,
        reported_at=now,
    )


async def lock_reported(session: AsyncSession, community_id: UUID, codes: Collection[str]) -> dict[str, ReportedMetric]:
    """The reported metrics with these codes, locked: their values are numbered under that."""
    rows = select(ReportedMetric).where(
        col(ReportedMetric.community_id) == community_id, among(session, REPORTED.c.code, codes)
    )
    found = await session.execute(rows.order_by(col(ReportedMetric.id)).with_for_update())
    return {row.code: row for row in found.scalars()}


async def currents(
    session: AsyncSession, metric_ids: Collection[UUID], moments: Collection[datetime]
) -> dict[tuple[UUID, datetime], ReportedValue]:
    """What is reported of these moments so far."""
    rows = select(ReportedValue).where(
        among(session, VALUES.c.metric_id, metric_ids), among(session, VALUES.c.at, moments), VALUES.c.current
    )
    return {(row.metric_id, row.at): row for row in (await session.execute(rows)).scalars()}


async def count_reported(session: AsyncSession, community_id: UUID) -> int:
    """How many metrics of its own a community has."""
    counted = select(func.count()).select_from(REPORTED).where(REPORTED.c.community_id == community_id)
    return int((await session.execute(counted)).scalar_one())


async def days_of(session: AsyncSession, community_id: UUID) -> Calendars:
    """The community's calendars."""
    return (await calendars_of(session, [community_id]))[community_id]


_REDATED: Prepared[Any] = Prepared(
    update(VALUES).where(VALUES.c.id == bindparam("value_id")).values(day=bindparam("new_day"))
)


async def redate_values(session: AsyncSession, community_ids: Collection[UUID]) -> None:
    """Put what was reported on the days that the communities have now."""
    calendars = await calendars_of(session, community_ids)
    rows = await _DATED.all(session, ids=list(community_ids))
    moved = [
        {"value_id": row.id, "new_day": day}
        for row in rows
        if (day := calendars[row.community_id].day_of(row.at)) != row.day
    ]
    await _REDATED.run_many(session, moved)
