"""How far goals are: looked at now, written down every quarter of an hour, and after their end for the last time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.lag import as_of
from chassis.messaging.outbox import emit
from chassis.projections.communities import known_community
from chassis.security.authority import CommunityFacts
from chassis.timers import Late, Timer, Timers, schedule
from contracts.analytics import GoalAchieved, GoalMissed, GoalSet, MetricReference
from services.analytics.facts.hearing import heard_since
from services.analytics.goals.metering import Read, meter_of, value_on
from services.analytics.goals.models import Goal
from services.analytics.goals.queries import above, hold, parts_of
from services.analytics.goals.rules import WHOLE, Course, forecast, mean_progress, progress, state
from services.analytics.metrics.reading import METRICS

MEASURE: Final = "goal.measure"
EVERY: Final = timedelta(minutes=15)
SETTLES: Final = timedelta(hours=1)
"""What was done on a goal's last day may arrive for so long before its result is written down."""
WAITS_FOR: Final = timedelta(days=1)
"""So long a result waits for messages that have not arrived, and for parts that are not closed."""
LOOKS_AGAIN: Final = timedelta(minutes=1)

timers = Timers()


@dataclass(frozen=True, slots=True)
class Measured:
    """A goal's value, what it rests on, and up to when what others recorded was counted."""

    value: float | None
    n: int | None
    as_of: datetime


def course_of(goal: Goal, community: CommunityFacts) -> Course:
    """What a goal is judged by; its days are the community's."""

    def began(day_after: timedelta) -> datetime:
        return community.began((goal.due_on if day_after else goal.starts_on) + day_after)

    least, most = _bounds(goal.metric_code)
    return Course(
        target=goal.target,
        direction="up" if goal.direction == "up" else "down",
        began_at=began(timedelta()),
        ends_at=began(timedelta(days=1)),
        baseline=goal.baseline,
        counted=goal.counted,
        least=least,
        most=most,
    )


def _bounds(code: str | None) -> tuple[float | None, float | None]:
    """Between what the values of a metric, or of parts together, are; what is reported may be anything."""
    if code is None:
        return 0.0, WHOLE
    unit = METRICS[code].unit if code in METRICS else None
    return (0.0 if unit is not None else None), (1.0 if unit == "share" else None)


async def measured(session: AsyncSession, goal: Goal, community: CommunityFacts, now: datetime) -> Measured:
    """How far a goal is now. Nothing is written."""
    fresh = await as_of(session, now)
    if goal.metric_code is not None:
        meter = await meter_of(session, goal, now, fresh)
        read = await value_on(session, meter, goal, community.day_of(now)) if meter is not None else Read()
        return Measured(read.value, read.n, fresh)
    parts = await parts_of(session, goal.id)
    known = [one.as_of for one in parts if one.as_of is not None]
    value = mean_progress((one.weight, one.progress) for one in parts)
    return Measured(value, len(parts), min([fresh, *known]))


async def _as_before(
    session: AsyncSession, goal: Goal, community: CommunityFacts, course: Course, now: datetime
) -> Measured | None:
    """What was measured last, where it is the same now; None where it has to be looked at.

    That is known of what is made of facts and members alone, as what is kept is, on the same day of the community: nothing was heard of
    it since. A result is always looked at.
    """
    metric = METRICS.get(goal.metric_code or "")
    if metric is None or not metric.kept or metric.longest is not None or goal.measured_at is None:
        return None
    if now >= course.ends_at or community.day_of(goal.measured_at) != community.day_of(now):
        return None
    if await heard_since(session, goal.community_id, goal.measured_at):
        return None
    return Measured(goal.value, goal.n, await as_of(session, now))


def judged(course: Course, found: Measured, now: datetime) -> dict[str, Any]:
    """What is kept of a goal that was looked at, and answered."""
    return {
        "value": found.value,
        "n": found.n,
        "as_of": found.as_of,
        "measured_at": now,
        "progress": progress(course, found.value, now),
        "state": state(course, found.value, now),
        "forecast": forecast(course, found.value, now),
    }


async def write_down(
    session: AsyncSession, goal: Goal, community: CommunityFacts, now: datetime, *, again: bool = False
) -> None:
    """Look at a goal whose book is held, keep what was found, and see when to look again.

    `again`: the goal itself is as it was when it was measured last. Then its metric is read anew only if it can have changed.
    """
    course = course_of(goal, community)
    found = await _as_before(session, goal, community, course, now) if again else None
    found = found or await measured(session, goal, community, now)
    kept = judged(course, found, now)
    goal.sqlmodel_update(kept)
    for name in kept:
        # All of them: goals above one another are then written by one statement, not by one for each set of what changed.
        flag_modified(goal, name)
    if await _may_close(session, goal, course, found, now):
        await _close(session, goal, course, now)
    else:
        await schedule(session, MEASURE, goal.id, _next_look(course, now))
    await session.flush()


async def follow_up(session: AsyncSession, goal: Goal, community: CommunityFacts, now: datetime) -> None:
    """Write down what a goal is a part of, the nearest first, after the goal itself. Its book is held."""
    for goal_id in (await above(session, goal.id))[1:] if goal.parent_id else []:
        parent = await locked(session, goal_id)
        if parent is not None and parent.status == "running" and parent.metric_code is None:
            await write_down(session, parent, community, now)


async def locked(session: AsyncSession, goal_id: UUID) -> Goal | None:
    """A goal as it is now, locked."""
    return await session.get(Goal, goal_id, with_for_update=True, populate_existing=True)


async def tell(
    session: AsyncSession, kind: type[GoalSet | GoalAchieved | GoalMissed], goal: Goal, at: datetime
) -> None:
    """Publish a locked goal as it is."""
    message = kind(
        community_id=goal.community_id,
        goal_id=goal.id,
        title=goal.title,
        metric=MetricReference(code=goal.metric_code, version=goal.metric_version or 1) if goal.metric_code else None,
        baseline=goal.baseline,
        target=goal.target,
        direction=goal.direction,
        starts_on=goal.starts_on,
        due_on=goal.due_on,
        owner_id=goal.owner_id,
        value=goal.value,
    )
    await emit(session, message, version=goal.bump(), occurred_at=at)


@timers.on(MEASURE, late=Late.ENDING)
async def measure(session: AsyncSession, timer: Timer) -> None:
    """Look at a goal again. What is closed or withdrawn stays as it is."""
    noted = await session.get(Goal, timer.subject_id)
    if noted is None or noted.status != "running":
        return
    community = await known_community(session, noted.community_id)
    if community is None:
        await schedule(session, MEASURE, noted.id, timer.now + LOOKS_AGAIN)
        return
    await hold(session, noted.community_id)
    goal = await locked(session, noted.id)
    if goal is not None and goal.status == "running":
        await write_down(session, goal, community, timer.now, again=True)
        await follow_up(session, goal, community, timer.now)


async def _may_close(session: AsyncSession, goal: Goal, course: Course, found: Measured, now: datetime) -> bool:
    """Whether everything has arrived that a result rests on; after a day nobody waits any more."""
    if now < course.ends_at + SETTLES:
        return False
    if now >= course.ends_at + WAITS_FOR:
        return True
    if found.as_of < course.ends_at:
        return False
    parts = await parts_of(session, goal.id) if goal.metric_code is None else []
    return not any(one.status == "running" and one.due_on <= goal.due_on for one in parts)


async def _close(session: AsyncSession, goal: Goal, course: Course, now: datetime) -> None:
    goal.status, goal.closed_at = "closed", now
    await session.flush()
    # Its result is that of its end, whenever somebody got round to write it down.
    await tell(session, GoalAchieved if goal.state == "achieved" else GoalMissed, goal, course.ends_at)


def _next_look(course: Course, now: datetime) -> datetime:
    closes_at = course.ends_at + SETTLES
    return min(now + EVERY, closes_at) if now < closes_at else now + LOOKS_AGAIN
