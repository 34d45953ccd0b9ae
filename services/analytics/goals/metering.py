"""A goal's value as its metric has it: now, and in the past before it began.

What adds up over the goal's whole time is *counted*. Anything else is the value of a period: that of the last one that is over, or
of the one that runs, as soon as that is the better one of what can only grow in it. A stock is what it is on the day; of what is reported the last value counts, if it is of the last year.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.goals.models import Goal
from services.analytics.metrics.reading import Asked, Grain, Metric, Period, Reading, read
from services.analytics.metrics.reported import metric_of
from services.analytics.metrics.rules import before, period_of

LOOKED_BACK: Final = 4
"""So many periods before the last one the pace of the past begins."""
A_YEAR: Final = timedelta(days=365)
"""What was reported longer ago says nothing of today."""
_ONE_DAY: Final = timedelta(days=1)
_GROWING: Final = frozenset({"distinct", "flow"})


@dataclass(frozen=True, slots=True)
class Meter:
    """What is read of a metric, in which community, and how fresh that is."""

    community_id: UUID
    metric: Metric
    grain: Grain | None
    part: str | None
    working: bool
    now: datetime
    as_of: datetime

    async def over(self, session: AsyncSession, days: Period, grain: Grain | None = None) -> list[Reading]:
        """The values of these days, or of the periods that they are in."""
        asked = Asked(
            community_id=self.community_id,
            from_=days.starts_on,
            to=days.ends_on,
            now=self.now,
            as_of=self.as_of,
            grain=grain,
            working=self.working,
        )
        found = await read(session, self.metric, asked)
        return [one for one in found if one.part == self.part]


@dataclass(frozen=True, slots=True)
class Read:
    """A value and what it rests on; None where there is none, or nobody may know it."""

    value: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """Where a goal starts, and by how much the metric moved in a week before."""

    baseline: float | None = None
    a_week: float | None = None


async def meter_of(session: AsyncSession, goal: Goal, now: datetime, as_of: datetime) -> Meter | None:
    """How a goal is read; None without a metric, and for one that is not there any more."""
    metric = None if goal.metric_code is None else await metric_of(session, goal.community_id, goal.metric_code)
    if metric is None:
        return None
    grain = Grain(goal.grain) if goal.grain is not None else None
    return Meter(goal.community_id, metric, grain, goal.metric_part, goal.metric_working, now, as_of)


async def value_on(session: AsyncSession, meter: Meter, goal: Goal, today: date) -> Read:
    """The value of a goal on a day, the last one that counts at most."""
    day = min(today, goal.due_on)
    if meter.metric.kind == "stock":
        return _only(await meter.over(session, Period(day, day)))
    if meter.metric.kind == "reported":
        return _only(await meter.over(session, Period(day - A_YEAR, day)))
    if goal.counted or meter.grain is None:
        return _only(await meter.over(session, Period(goal.starts_on, day))) if goal.starts_on <= day else Read()
    running = period_of(day, meter.grain)
    over = today > running.ends_on
    last = running if over else period_of(running.starts_on - _ONE_DAY, meter.grain)
    found = _only(await meter.over(session, last, meter.grain))
    if over or not meter.metric.ranges or meter.metric.kind not in _GROWING or goal.direction != "up":
        return found
    growing = _only(await meter.over(session, Period(running.starts_on, day)))
    return growing if (growing.value or 0) > (found.value or 0) else found


async def past_of(session: AsyncSession, meter: Meter, goal: Goal, today: date) -> Past:
    """What was before a goal: where it starts unless somebody says otherwise, and the pace then."""
    if goal.counted:
        days = before(goal.starts_on, goal.due_on)
        found = _only(await meter.over(session, days))
        return Past(found.value, None if found.value is None else found.value / (days.days / 7))
    day = min(today, goal.starts_on)
    if meter.metric.kind == "reported":
        return Past(_only(await meter.over(session, Period(day - A_YEAR, day))).value)
    grain = meter.grain or Grain.WEEK
    last = period_of(period_of(day, grain).starts_on - _ONE_DAY, grain)
    first = last
    for _ in range(LOOKED_BACK):
        first = period_of(first.starts_on - _ONE_DAY, grain)
    found_all = await meter.over(session, Period(first.starts_on, last.ends_on), grain)
    values = {one.starts_on: one.value for one in found_all if not one.suppressed}
    newest, oldest = values.get(last.starts_on), values.get(first.starts_on)
    weeks = (last.starts_on - first.starts_on).days / 7
    return Past(newest, None if newest is None or oldest is None else (newest - oldest) / weeks)


def _only(found: list[Reading]) -> Read:
    return Read(found[0].value, found[0].n) if found and not found[0].suppressed else Read()
