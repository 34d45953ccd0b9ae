"""How goals become answers."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.security.caller import Caller
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.analytics.facts.verbs import Verb
from services.analytics.goals.asks import done_by
from services.analytics.goals.measuring import course_of, judged, measured
from services.analytics.goals.models import Goal
from services.analytics.goals.rules import pace
from services.analytics.goals.schemas import GoalAskPublic, GoalDetail, GoalMetricPublic, GoalPace, GoalPublic, OwnPart
from services.analytics.permissions import GOALS_WRITE

ACTIONS = ("update", "withdraw")


async def goals_shown(session: AsyncSession, rows: Sequence[Goal], caller: Caller | None) -> list[GoalPublic]:
    """Goals as they were written down last, with what the caller did of what they ask."""
    person = caller is not None and caller.kind == "person"
    done = await done_by(session, caller.id, rows) if caller is not None and person else {}
    members = await embedded(session, {row.owner_id for row in rows})
    return [
        GoalPublic.model_validate(
            row.model_dump()
            | {
                "owner": members[row.owner_id],
                "metric": _metric(row),
                "ask": _ask(row),
                "mine": _mine(row, done.get(row.id)),
            }
        )
        for row in rows
    ]


def _metric(row: Goal) -> GoalMetricPublic | None:
    if row.metric_code is None or row.metric_version is None:
        return None
    return GoalMetricPublic(
        code=row.metric_code,
        version=row.metric_version,
        unit=row.metric_unit,
        grain=row.grain,
        part=row.metric_part,
        working=row.metric_working,
        counted=row.counted,
    )


def _ask(row: Goal) -> GoalAskPublic | None:
    if row.ask_verb is None or row.ask_count is None:
        return None
    about = ObjectRef(kind=row.ask_kind, id=row.ask_about) if row.ask_about and row.ask_kind else None
    return GoalAskPublic(action=Verb(row.ask_verb).name.lower(), count=row.ask_count, object=about)


def _mine(row: Goal, done: int | None) -> OwnPart | None:
    if done is None or row.ask_count is None:
        return None
    return OwnPart(done=done, count=row.ask_count, progress=min(1.0, max(0, done) / row.ask_count))


async def goal_shown(work: Work, goal: Goal, standing: Standing) -> GoalDetail:
    """One goal, measured now if it runs."""
    course = course_of(goal, standing.community)
    (shown,) = await goals_shown(work.session, [goal], work.caller)
    now: dict[str, object] = {}
    if goal.status == "running":
        found = await measured(work.session, goal, standing.community, work.now)
        now = judged(course, found, work.now)
    shown = shown.model_copy(update=now)
    going = pace(course, shown.value, shown.measured_at or work.now, before=goal.pace_before)
    return GoalDetail(
        **dict(shown),
        pace=GoalPace(needed=going.needed if goal.status == "running" else None, so_far=going.so_far),
        viewer=_viewer(goal, standing),
    )


def _viewer(goal: Goal, standing: Standing) -> Viewer:
    may = Reach.ALL in GOALS_WRITE.reach(standing.columns)
    archived = standing.community.status == "archived"
    refusal = (
        "forbidden"
        if not may
        else "community_archived"
        if archived
        else None
        if goal.status == "running"
        else "illegal_transition"
    )
    return Viewer.of(dict.fromkeys(ACTIONS, refusal))
