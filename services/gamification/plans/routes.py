"""HTTP of check-in plans."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import INVALID, NOT_FOUND, FieldError
from chassis.projections.members import own_communities, own_memberships
from chassis.security.authority import Standing, authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.gamification.permissions import (
    CHECKIN_PLANS_JOIN,
    CHECKIN_PLANS_READ,
    CHECKIN_PLANS_REVIEW,
    CHECKIN_PLANS_WRITE,
    CHECKINS_READ,
)
from services.gamification.plans import problems, queries, service
from services.gamification.plans.access import SeenPlan, reaches, seen_plan
from services.gamification.plans.by_group import groups_shown, groups_taking_part
from services.gamification.plans.progress import progress_shown, taking_part
from services.gamification.plans.rules import Status
from services.gamification.plans.schemas import STATUS, PlanCreate, PlanGroup, PlanPatch, PlanProgress, PlanPublic
from services.gamification.plans.views import listed, shown

router = api_router(tags=["Check-in plans"])

ALL = "/v1/checkin-plans"
NOBODY = UUID(int=0)
ONE = "/v1/checkin-plans/{plan_id}"

_NO_COMMUNITY = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)


@router.post(ALL, status_code=201)
@operation(permission=CHECKIN_PLANS_WRITE)
async def create_checkin_plan(body: PlanCreate, work: Write, response: Response) -> PlanPublic:
    """Make a check-in plan: on which days its participants check in, and with which evidence."""
    seen = await service.create(work, body)
    created(response, f"{ALL}/{seen.plan.id}")
    return await _shown(work, seen, response)


@router.get(ALL)
@operation(permission=CHECKIN_PLANS_READ)
async def list_checkin_plans(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    mine: Annotated[
        bool, Query(description="Only those in which the caller takes part; without a community, in all of theirs.")
    ] = False,
    status: Annotated[Status | None, Query(), STATUS] = None,
    to_review: Annotated[
        bool, Query(description="Only those with days of the last two weeks that nobody has reviewed.")
    ] = False,
) -> Page[PlanPublic]:
    """List the check-in plans of a community, or those in which the caller takes part, the latest first."""
    standings: dict[UUID, Standing] = {}
    communities, members = [], []
    if community_id is not None:
        standing = await authorize(work.session, work.caller, CHECKIN_PLANS_READ, community_id, now=work.now)
        standings[community_id], communities = standing, [community_id]
        members = [standing.member_id] if standing.member_id else []
    elif mine and work.caller is not None:
        communities = await own_communities(work.session, work.caller, reading_at=work.now)
        members = await own_memberships(work.session, work.caller, reading_at=work.now)
    else:
        raise INVALID(errors=[_NO_COMMUNITY])
    days = await queries.present_days(work.session, communities, work.now)
    wanted = queries.Wanted(
        community_ids=communities,
        status=status,
        joined_by=members if mine else None,
        to_review_since=work.now - queries.REVIEWED_WITHIN if to_review else None,
    )
    return await paginate_together(
        work.session,
        queries.listing(wanted, days),
        page=page,
        to=lambda rows: listed(work, rows, standings, members, days),
    )


@router.get(ONE)
@operation(permission=CHECKIN_PLANS_READ)
async def read_checkin_plan(plan_id: UUID, work: Read, response: Response) -> PlanPublic:
    """Read a check-in plan, and how far the caller is."""
    return await _shown(work, await seen_plan(work, plan_id), response)


@router.patch(ONE)
@operation(permission=CHECKIN_PLANS_WRITE, problems=[problems.PLAN_STARTED, problems.PLAN_OVER])
async def update_checkin_plan(
    plan_id: UUID, body: PlanPatch, if_match: IfMatch, work: Write, response: Response
) -> PlanPublic:
    """Change a check-in plan; once it has begun, its title, its prompts and when it reminds."""
    return await _shown(work, await service.change(work, plan_id, body, if_match), response)


@router.post(f"{ONE}/cancel")
@operation(permission=CHECKIN_PLANS_WRITE, problems=[problems.PLAN_OVER])
async def cancel_checkin_plan(plan_id: UUID, work: Write, response: Response) -> PlanPublic:
    """End a check-in plan before its time. Who completed it has done so."""
    return await _shown(work, await service.cancel(work, plan_id), response)


@router.post(f"{ONE}/join")
@operation(permission=CHECKIN_PLANS_JOIN, problems=[problems.PLAN_OVER, problems.PLAN_FULL, problems.NOT_OF_COHORT])
async def join_checkin_plan(plan_id: UUID, work: Write, response: Response) -> PlanPublic:
    """Take part in a check-in plan. Days from then on count."""
    return await _shown(work, await service.join(work, plan_id), response)


@router.post(f"{ONE}/leave")
@operation(permission=CHECKIN_PLANS_JOIN)
async def leave_checkin_plan(plan_id: UUID, work: Write, response: Response) -> PlanPublic:
    """Take part no longer. Who comes back goes on where they were."""
    return await _shown(work, await service.leave(work, plan_id), response)


@router.get(f"{ONE}/progress")
@operation(permission=CHECKINS_READ)
async def read_checkin_plan_progress(plan_id: UUID, work: Read, page: PageQuery) -> Page[PlanProgress]:
    """Read how far participants are, day by day, in the order in which they joined: everybody for those who run the community, else the caller alone."""
    seen = await seen_plan(work, plan_id, of=CHECKINS_READ)
    mine = None if seen.standing.sees_all else seen.standing.member_id or NOBODY
    if mine is not None and not await queries.participations(work.session, [plan_id], [mine]):
        raise NOT_FOUND()
    return await paginate_together(
        work.session,
        taking_part(plan_id, mine),
        page=page,
        to=lambda rows: progress_shown(work.session, seen, rows, work.now),
    )


@router.get(f"{ONE}/groups")
@operation(permission=CHECKIN_PLANS_READ)
async def list_checkin_plan_groups(
    plan_id: UUID,
    work: Read,
    page: PageQuery,
    mine: Annotated[bool, Query(description="Only the groups to which the caller belongs.")] = False,
) -> Page[PlanGroup]:
    """List how far groups are, the oldest first: the mean of those who belong to each now and take part.

    For those who take part themselves, and those who review.
    """
    seen = await seen_plan(work, plan_id)
    member_id = seen.standing.member_id or NOBODY
    reviews = reaches(CHECKIN_PLANS_REVIEW, seen.standing) or seen.standing.member_id is None
    if not reviews and not await queries.participations(work.session, [plan_id], [member_id]):
        raise NOT_FOUND()
    return await paginate_together(
        work.session,
        groups_taking_part(seen, of_member=member_id if mine else None),
        page=page,
        to=lambda rows: groups_shown(work, seen, rows),
    )


async def _shown(work: Work, seen: SeenPlan, response: Response) -> PlanPublic:
    set_etag(response, seen.plan.version)
    return await shown(work, seen)
