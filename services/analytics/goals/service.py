"""Use cases of goals: setting one, changing it, withdrawing it."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.database.rows import existing
from chassis.messaging.lag import as_of
from chassis.messaging.outbox import emit
from chassis.problems import INVALID, NOT_FOUND, FieldError, refused
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.security.authority import CommunityFacts, Standing, authorize
from chassis.timers import cancel
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.analytics import GoalSet, GoalWithdrawn
from services.analytics.goals import problems
from services.analytics.goals.asks import ACTIONS
from services.analytics.goals.judging import metric_columns, wrong_metric, wrong_numbers, wrong_parts
from services.analytics.goals.measuring import MEASURE, follow_up, tell, write_down
from services.analytics.goals.metering import meter_of, past_of
from services.analytics.goals.models import Goal
from services.analytics.goals.queries import above, hold, levels_from, running_in
from services.analytics.goals.rules import MOST_LEVELS, WHOLE
from services.analytics.goals.schemas import GoalCreate, GoalPatch
from services.analytics.metrics.reported import metric_of
from services.analytics.permissions import GOALS_WRITE

LONGEST: Final = timedelta(days=5 * 366)
TOLD: Final = frozenset({"title", "baseline", "target", "starts_on", "due_on", "owner_id"})
"""What a message about a goal says of it."""


async def set_goal(work: Work, body: GoalCreate) -> Goal:
    """Set a goal. Raises `GOALS_FULL` and `INVALID`; `NOT_FOUND` for a parent that is not in the community."""
    standing = await authorize(work.session, work.caller, GOALS_WRITE, body.community_id, now=work.now)
    await hold(work.session, body.community_id)
    if await running_in(work.session, body.community_id) >= problems.MOST_RUNNING:
        raise problems.GOALS_FULL(limit=problems.MOST_RUNNING)
    today = standing.community.day_of(work.now)
    goal = await _made(work, body, starts_on=body.starts_on or today, owner_id=body.owner_id or standing.member_id)
    _require(_wrong_days(goal, today))
    await _require_owner(work, goal)
    await _require_parent(work, goal, levels=1)
    await _start(work, goal, today)
    await work.add(goal)
    await write_down(work.session, goal, standing.community, work.now)
    await follow_up(work.session, goal, standing.community, work.now)
    await tell(work.session, GoalSet, goal, work.now)
    return goal


async def change(work: Work, key: UUID, body: GoalPatch, if_match: int) -> Goal:
    """Change what a goal says. Raises `ILLEGAL_TRANSITION` for one that is over, else what `set_goal` raises."""
    goal, standing = await _held(work, key)
    require_match(goal.version, if_match)
    if goal.status != "running":
        raise refused("illegal_transition", state=goal.state)
    values = _values(body, body.model_fields_set)
    after = Goal(**goal.model_dump() | values)
    _require(wrong_numbers(after, said=values.keys()))
    _require(_wrong_days(after, standing.community.day_of(work.now), said=values.keys()))
    if "owner_id" in values:
        await _require_owner(work, after)
    if after.parent_id != goal.parent_id:
        await _require_parent(work, after, levels=await levels_from(work.session, goal.id))
    before, version = goal.parent_id, goal.version
    told = {name: getattr(goal, name) for name in TOLD}
    await work.edit(goal, values)
    if goal.version == version:
        return goal
    await write_down(work.session, goal, standing.community, work.now)
    await _follow(work, goal, standing.community, before)
    if any(getattr(goal, name) != value for name, value in told.items()):
        await tell(work.session, GoalSet, goal, work.now)
    return goal


async def withdraw(work: Work, key: UUID) -> Goal:
    """Withdraw a goal: it is no part of anything any more, and has no result. Raises `ILLEGAL_TRANSITION`."""
    goal, standing = await _held(work, key)
    if goal.status != "running":
        raise refused("illegal_transition", state=goal.state)
    await work.edit(
        goal,
        {"status": "withdrawn", "state": "withdrawn", "forecast": None, "withdrawn_at": work.now},
        action="withdraw",
    )
    await cancel(work.session, MEASURE, goal.id)
    await work.session.flush()
    gone = GoalWithdrawn(community_id=goal.community_id, goal_id=goal.id)
    await emit(work.session, gone, version=goal.bump(), occurred_at=work.now)
    await follow_up(work.session, goal, standing.community, work.now)
    return goal


async def _made(work: Work, body: GoalCreate, **facts: Any) -> Goal:
    """The row of a new goal, without where it starts. Raises `INVALID`."""
    values = _values(body, set(GoalCreate.model_fields) - {"metric", "target"}) | facts
    if body.metric is None:
        target = WHOLE if body.target is None else body.target
        goal = Goal(**values, target=target, created_at=work.now)
        _require(wrong_parts(goal, said={"baseline"}))
        return goal
    metric = await metric_of(work.session, body.community_id, body.metric.code)
    if metric is None:
        raise INVALID(errors=[problems.UNKNOWN_METRIC])
    _require(wrong_metric(metric, body.metric, body.target))
    return Goal(**values, **metric_columns(metric, body.metric), target=body.target or 0.0, created_at=work.now)


async def _start(work: Work, goal: Goal, today: date) -> None:
    """Where a goal starts, and how it went before."""
    meter = await meter_of(work.session, goal, work.now, await as_of(work.session, work.now))
    if meter is None:
        goal.baseline = 0.0
        return
    past = await past_of(work.session, meter, goal, today)
    goal.pace_before = past.a_week
    if goal.baseline is None:
        goal.baseline = past.baseline


def _values(body: GoalCreate | GoalPatch, said: set[str]) -> dict[str, Any]:
    """What a request says of the row's columns."""
    values = body.model_dump(include=said - {"ask"})
    if "ask" not in said:
        return values
    ask = body.ask
    about = ask.object if ask is not None else None
    return values | {
        "ask_verb": None if ask is None else int(ACTIONS[ask.action]),
        "ask_count": None if ask is None else ask.count,
        "ask_kind": None if about is None else about.kind,
        "ask_about": None if about is None else about.id,
    }


async def _held(work: Work, key: UUID) -> tuple[Goal, Standing]:
    """A goal whose book is held, if the caller may change it."""
    noted = await existing(work.session, Goal, key)
    standing = await authorize(work.session, work.caller, GOALS_WRITE, noted.community_id, now=work.now)
    await hold(work.session, noted.community_id)
    return await existing(work.session, Goal, key, lock=True), standing


async def _follow(work: Work, goal: Goal, community: CommunityFacts, before: UUID | None) -> None:
    """Both what it is a part of and what it was a part of are measured anew."""
    await follow_up(work.session, goal, community, work.now)
    if before not in (None, goal.parent_id):
        former = await existing(work.session, Goal, before, lock=True)
        if former.status == "running" and former.metric_code is None:
            await write_down(work.session, former, community, work.now)
            await follow_up(work.session, former, community, work.now)


async def _require_owner(work: Work, goal: Goal) -> None:
    if goal.owner_id is None:
        raise INVALID(errors=[problems.NO_PERSON])
    member = await known_member(work.session, goal.owner_id)
    if member is None or member.community_id != goal.community_id or member.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_OWNER])


async def _require_parent(work: Work, goal: Goal, *, levels: int) -> None:
    """`levels`: how many stand below one another from this goal on."""
    if goal.parent_id is None:
        return
    parent = await work.session.get(Goal, goal.parent_id)
    if parent is None or parent.community_id != goal.community_id:
        raise NOT_FOUND()
    way = await above(work.session, parent.id)
    if goal.id in way:
        raise INVALID(errors=[problems.IN_CIRCLE])
    if len(way) + levels > MOST_LEVELS:
        raise INVALID(errors=[problems.TOO_DEEP])
    if parent.status != "running":
        raise INVALID(errors=[problems.PARENT_OVER])


def _wrong_days(goal: Goal, today: date, said: Any = frozenset({"due_on"})) -> list[FieldError]:
    wrong = []
    if goal.due_on < goal.starts_on:
        wrong.append(problems.ENDS_BEFORE)
    elif goal.due_on - goal.starts_on > LONGEST:
        wrong.append(problems.TOO_LONG)
    if "due_on" in said and goal.due_on < today:
        wrong.append(problems.OVER)
    return wrong


def _require(wrong: list[FieldError]) -> None:
    if wrong:
        raise INVALID(errors=wrong)
