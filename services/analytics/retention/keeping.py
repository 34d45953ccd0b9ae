"""What is over is counted once: each process keeps what its latest answers have of days that are over, and counts only what came since.

By the calendar these are the windows that are over. Of windows that begin for each on another day, it is how many were active in them
before a day: who did something since then is one more, unless they had done something in the same window before.

What is kept holds as long as nothing that is over has changed in the community: `metric_marks` counts that, in the transaction that
changes it. The mark is read before anything else, so that what is kept is never older than its mark says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.util import LRUCache
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared, bindparam
from chassis.runtime import Runtime
from services.analytics.facts.occasions import PAST
from services.analytics.facts.store import generations
from services.analytics.metrics.marks import MARKS
from services.analytics.metrics.rules import start_of
from services.analytics.retention.queries import Active, Joined, active_by_calendar, active_by_own_time, sizes
from services.analytics.retention.rules import Cohort, Count, count_over

MOST_KEPT = 200

_MARK: Prepared[Any] = Prepared(
    select(generations.c.reading, MARKS.c.touched)
    .select_from(generations.outerjoin(MARKS, MARKS.c.community_id == bindparam("community_id")))
    .where(generations.c.id == 1)
)

Asked = tuple[Joined, Count, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """The cohorts of a question, and how many of each were active by window."""

    sizes: dict[date, Cohort]
    active: Active


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: Any
    closed_at: date
    """What was over before this day began is kept."""
    counted: Counted


_kept: WeakKeyDictionary[Runtime, LRUCache[Asked, _Kept]] = WeakKeyDictionary()


async def counted(session: AsyncSession, asked: Asked, *, today: date, now: datetime) -> Counted:
    """The answer to a question: what is over as it was counted before, unless it has changed since then."""
    joined, count, _ = asked
    mark = await _MARK.first(session, community_id=joined.community_id)
    closed_at = now.astimezone(UTC).date() - PAST
    store = _kept.setdefault(context_of(session).runtime, LRUCache(MOST_KEPT))
    kept = store.get(asked)
    if kept is None or kept.mark != mark or closed_at < kept.closed_at:
        # What is over is not what was kept, or nothing was.
        kept = None
    # Who joins changes the mark.
    members = await sizes(session, joined) if kept is None else kept.counted.sizes
    since = joined.cohorts.starts_on if kept is None else _open_since(kept.closed_at, joined, count)
    active, over = await _active(session, asked, today, since, closed_at)
    if kept is not None:
        active = _merged(asked, members, kept, active)
        over = _merged(asked, members, kept, over)
    if kept is None or kept.closed_at < closed_at:
        store[asked] = _Kept(mark, closed_at, Counted(members, over))
    return Counted(members, active)


async def _active(
    session: AsyncSession, asked: Asked, today: date, since: date, closed_at: date
) -> tuple[Active, Active]:
    """How many were active since a day, and what is to be kept of that."""
    joined, count, width = asked
    if count is Count.CALENDAR:
        active = await active_by_calendar(session, joined, since=since, until=today)
        return active, active
    return await active_by_own_time(session, joined, width, since=since, until=today, closed_at=closed_at)


def _open_since(closed_at: date, joined: Joined, count: Count) -> date:
    """The first day that has to be looked at, where this one was not over: by the calendar all of its window has to."""
    first = start_of(closed_at, joined.grain.grain) if count is Count.CALENDAR else closed_at
    return max(joined.cohorts.starts_on, first)


def _merged(asked: Asked, members: Mapping[date, Cohort], kept: _Kept, fresh: Active) -> Active:
    joined, count, width = asked
    merged: Active = {}
    for cohort in members:
        before, now = kept.counted.active.get(cohort, {}), fresh.get(cohort, {})
        if count is Count.ROLLING:
            merged[cohort] = before | {number: n + before.get(number, 0) for number, n in now.items()}
            continue
        over = count_over(cohort, joined.grain, kept.closed_at, width)
        merged[cohort] = {number: n for number, n in before.items() if number < over} | {
            number: n for number, n in now.items() if number >= over
        }
    return merged
