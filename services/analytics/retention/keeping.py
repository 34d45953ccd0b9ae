"""What is over is counted once: each process keeps the closed windows of its latest answers, and counts only those that go on.

What is kept holds as long as nothing that is over has changed in the community: `metric_marks` counts that, in the transaction that
changes it. The mark is read before anything else, so that what is kept is never older than its mark says.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
from services.analytics.retention.rules import Cohort, CohortGrain, Count, begins, count_over

MOST_KEPT = 200
_LONGEST = {CohortGrain.WEEK: timedelta(days=7), CohortGrain.MONTH: timedelta(days=31)}

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
    """Windows that were over before this day began are kept."""
    counted: Counted


_kept: WeakKeyDictionary[Runtime, LRUCache[Asked, _Kept]] = WeakKeyDictionary()


async def counted(session: AsyncSession, asked: Asked, *, today: date, now: datetime) -> Counted:
    """The answer to a question: what is over as it was counted before, unless it has changed since then."""
    joined, _, _ = asked
    mark = await _MARK.first(session, community_id=joined.community_id)
    closed_at = now.astimezone(UTC).date() - PAST
    store = _kept.setdefault(context_of(session).runtime, LRUCache(MOST_KEPT))
    kept = store.get(asked)
    if kept is None or kept.mark != mark or not timedelta() <= closed_at - kept.closed_at < _LONGEST[joined.grain]:
        whole = Counted(await sizes(session, joined), await _active(session, asked, today, joined.cohorts.starts_on))
        store[asked] = _Kept(mark, closed_at, whole)
        return whole
    fresh = await _active(session, asked, today, _open_since(kept.closed_at, joined, asked[1]))
    return Counted(kept.counted.sizes, _merged(asked, kept, fresh))


async def _active(session: AsyncSession, asked: Asked, today: date, since: date) -> Active:
    joined, count, width = asked
    if count is Count.CALENDAR:
        return await active_by_calendar(session, joined, since=since, until=today)
    return await active_by_own_time(session, joined, width, since=since, until=today)


def _open_since(closed_at: date, joined: Joined, count: Count) -> date:
    """The first day of the first window that is not over on that day."""
    first = start_of(closed_at, joined.grain.grain)
    # The last of a cohort is almost a period behind its first, and the window itself has one, too.
    return max(joined.cohorts.starts_on, first if count is Count.CALENDAR else closed_at - 2 * _LONGEST[joined.grain])


def _merged(asked: Asked, kept: _Kept, fresh: Active) -> Active:
    joined, count, width = asked
    merged: Active = {}
    for cohort, members in kept.counted.sizes.items():
        over = count_over(begins(cohort, members, count), joined.grain, kept.closed_at, width)
        active = {number: n for number, n in fresh.get(cohort, {}).items() if number >= over}
        merged[cohort] = active | {
            number: n for number, n in kept.counted.active.get(cohort, {}).items() if number < over
        }
    return merged
