"""Answers of periods that are over: kept when they are first computed, dropped when something late touches them.

Whoever computes an answer notes before how often the community's past has changed (`MetricMark.touched`), and keeps it only if that is
still so under the lock of that row: else something late may have come in between, which the answer does not have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.context import moment_of
from chassis.database.statements import Prepared, bindparam
from services.analytics.facts.occasions import PAST, PastChanged
from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.marks import MARKS, lock_marks
from services.analytics.metrics.models import KeptAnswer
from services.analytics.metrics.rules import Period

KEPT: Table = KeptAnswer.__table__  # type: ignore[attr-defined]
SETTLES = PAST + timedelta(days=1)
"""How long after its end a period is kept at the earliest: whoever counted when it was not yet past has committed by then."""
_AS_THEN = frozenset({None, Group.DEPARTMENT, Group.JOB_GRADE, Group.KIND})
"""Breakdowns by what was so then. Cohort and channel are the present ones, which change without touching a day."""
_OF_LATE = timedelta(days=40)
_KEPT_FOR = timedelta(days=3_700)
"""Ten years: what is older is rarely asked for, and whoever asks for all days since 1900 does not fill a database."""

_KEY = ("community_id", "code", "version", "grain", "group_by", "staff", "starts_on")
_FOUND: Prepared[Any] = Prepared(
    select(KEPT.c.starts_on, KEPT.c.readings).where(
        *(KEPT.c[name] == bindparam(name) for name in _KEY[:-1]),
        KEPT.c.starts_on.between(bindparam("first"), bindparam("last")),
    )
)
_TOUCHED: Prepared[int] = Prepared(select(MARKS.c.touched).where(MARKS.c.community_id == bindparam("community_id")))
_KEPT_SINCE: Prepared[Any] = Prepared(
    lambda on: delete(KEPT).where(on.among(KEPT.c.community_id, "ids"), KEPT.c.ends_on >= bindparam("first"))
)


@dataclass(slots=True)
class Fresh:
    """What was computed and may be kept: rows, and how often the community's past had changed before."""

    community_id: UUID
    touched: int = 0
    rows: list[Mapping[str, Any]] = field(default_factory=list)


def may_be_kept(metric: Metric, asked: Asked) -> bool:
    """Whether answers to this question are kept at all."""
    return metric.kept and asked.grain is not None and asked.group_by in _AS_THEN and not asked.working


async def touched(session: AsyncSession, community_id: UUID) -> int:
    """How often the community's past has changed; ask before you compute."""
    return await _TOUCHED.first(session, community_id=community_id) or 0


async def kept(
    session: AsyncSession, metric: Metric, asked: Asked, periods: Sequence[Period]
) -> dict[Period, list[Reading]]:
    """What is kept of these periods."""
    rows = await _FOUND.all(session, **_key(metric, asked), first=periods[0].starts_on, last=periods[-1].starts_on)
    by_day = dict(rows)
    return {
        period: [_reading(period, *values) for values in by_day[period.starts_on]]
        for period in periods
        if period.starts_on in by_day
    }


def rows_to_keep(metric: Metric, asked: Asked, found: Mapping[Period, Sequence[Reading]]) -> list[Any]:
    """The rows of those that are past."""
    until = asked.now.astimezone(UTC).date() - SETTLES
    return [
        _key(metric, asked)
        | {
            "starts_on": period.starts_on,
            "ends_on": period.ends_on,
            "readings": [[one.group, one.part, one.value, one.n, one.above, one.below] for one in readings],
        }
        for period, readings in found.items()
        if until - _KEPT_FOR <= period.ends_on <= until
    ]


def _key(metric: Metric, asked: Asked) -> dict[str, Any]:
    return {
        "community_id": asked.community_id,
        "code": metric.code,
        "version": metric.version,
        "grain": asked.grain.value if asked.grain else "",
        "group_by": asked.group_by.value if asked.group_by else "",
        "staff": asked.staff,
    }


def _reading(
    period: Period,
    group: str | None,
    part: str | None,
    value: float | None,
    n: int | None,
    above: float | None,
    below: float | None,
) -> Reading:
    return Reading(period.starts_on, period.ends_on, group, value, n, part, above, below)


async def keep(session: AsyncSession, fresh: Fresh) -> None:
    """Keep what was computed, unless the past has changed since."""
    if (await lock_marks(session, [fresh.community_id]))[fresh.community_id] == fresh.touched:
        rows = sorted(fresh.rows, key=lambda row: tuple(str(row[name]) for name in _KEY))
        await upsert_many(session, KEPT, rows, key=_KEY, update=["ends_on", "readings"])


async def drop_kept(session: AsyncSession, changed: PastChanged) -> None:
    """Forget what is kept of these days and of all after them: who was never active before, and who is a member, follows from earlier days.

    The marks of these communities are touched and locked. What is late by some days does not make other communities forget years.
    """
    recent = moment_of(session).date() - _OF_LATE
    for some in _apart(changed.first, recent):
        await _KEPT_SINCE.run(session, ids=list(some), first=min(some.values()))


def _apart(first: Mapping[UUID, date], recent: date) -> Iterable[Mapping[UUID, date]]:
    """Those whose days are recent, and the others."""
    of_late = {one: day for one, day in first.items() if day >= recent}
    older = {one: day for one, day in first.items() if day < recent}
    return [some for some in (of_late, older) if some]
