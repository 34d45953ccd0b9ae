"""HTTP of goals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, IfMatch, Read, RuntimeDep, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.analytics.goals import problems, reading, service
from services.analytics.goals.models import Goal
from services.analytics.goals.rules import State
from services.analytics.goals.schemas import GOAL_STATE, HORIZON, GoalCreate, GoalDetail, GoalPatch, GoalPublic, Horizon
from services.analytics.goals.views import goal_shown, goals_shown
from services.analytics.permissions import GOALS_READ, GOALS_WRITE

router = api_router(tags=["Goals"])


@router.post("/v1/goals", status_code=201)
@operation(permission=GOALS_WRITE, problems=[problems.GOALS_FULL])
async def create_goal(body: GoalCreate, work: Write, response: Response) -> GoalDetail:
    """Set a goal: what is to be reached until a day, and why.

    The answer says where it starts, and the pace that it needs beside the pace so far. A goal without a metric is measured by the goals
    below it, each counting by its weight.
    """
    goal = await service.set_goal(work, body)
    created(response, f"/v1/goals/{goal.id}")
    return await _shown(work, goal, response)


@router.get("/v1/goals")
@operation(permission=GOALS_READ)
async def list_goals(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    parent_id: Annotated[UUID | None, Query(description="Only the parts of this goal.")] = None,
    mine: Annotated[
        bool,
        Query(
            description="Only what asks something of the caller, or is theirs to see to; without a community, in all of theirs."
        ),
    ] = False,
    horizon: Annotated[Horizon | None, HORIZON] = None,
    state: Annotated[State | None, GOAL_STATE] = None,
    owner_left: Annotated[
        bool, Query(description="Only what runs and whose owner left: somebody else has to see to it.")
    ] = False,
) -> Page[GoalPublic]:
    """List goals, the first due first, as they were measured last: within a quarter of an hour."""
    wanted = await reading.wanted(
        work, community_id, parent_id, mine=mine, horizon=horizon, state=state, owner_left=owner_left
    )
    listed = reading.listing(work.session, wanted)
    return await paginate_together(
        work.session, listed, page=page, to=lambda rows: goals_shown(work.session, rows, work.caller)
    )


@router.get("/v1/goals/{goal_id}")
@operation(permission=GOALS_READ)
async def read_goal(
    goal_id: UUID, work: Read, caller: CallerDep, runtime: RuntimeDep, response: Response
) -> GoalDetail:
    """Read a goal, measured now; of one that is over, its result."""
    async with runtime.countings.turn(caller.actor):
        return await _shown(work, await work.permitted(Goal, goal_id), response)


@router.patch("/v1/goals/{goal_id}")
@operation(permission=GOALS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_goal(goal_id: UUID, body: GoalPatch, if_match: IfMatch, work: Write, response: Response) -> GoalDetail:
    """Change a goal that runs."""
    return await _shown(work, await service.change(work, goal_id, body, if_match), response)


@router.post("/v1/goals/{goal_id}/withdraw")
@operation(permission=GOALS_WRITE, problems=[ILLEGAL_TRANSITION])
async def withdraw_goal(goal_id: UUID, work: Write, response: Response) -> GoalDetail:
    """Withdraw a goal that runs: it has no result, and counts in no other goal."""
    return await _shown(work, await service.withdraw(work, goal_id), response)


async def _shown(work: Work, goal: Goal, response: Response) -> GoalDetail:
    standing = await authorize(work.session, work.caller, GOALS_READ, goal.community_id, now=work.now)
    set_etag(response, goal.version)
    return await goal_shown(work, goal, standing)
