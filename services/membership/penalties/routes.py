"""HTTP of penalties."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.penalties import deciding
from services.membership.penalties.schemas import ConductStanding, PenaltyLift, PenaltyPublic
from services.membership.penalties.views import shown
from services.membership.permissions import PENALTIES_EXPEL, PENALTIES_LIFT, PENALTIES_READ, PENALTIES_SUSPEND
from services.membership.refusals import LAST_OWNER

router = api_router(tags=["Penalties"])


@router.get("/v1/members/{member_id}/standing")
@operation(permission=PENALTIES_READ)
async def read_conduct_standing(member_id: UUID, work: Read) -> ConductStanding:
    """Read what counts against a member: points and when they decay, live penalties and their end, and until when they may appeal.

    Members read their own, also after they left or were expelled. What has decayed is gone from here.
    """
    return await deciding.read_standing(work, member_id)


@router.get("/v1/penalties")
@operation(permission=PENALTIES_READ)
async def list_penalties(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="Required unless member_id is given.")] = None,
    member_id: UUID | None = None,
    proposed: Annotated[
        bool | None,
        Query(description="Only those that wait for a second person, or only the others; operators and owners ask."),
    ] = None,
) -> Page[PenaltyPublic]:
    """List the penalties in a community or of a member, the newest first. Members see their own."""
    listing, standing = await deciding.listing(work, community_id=community_id, member_id=member_id, proposed=proposed)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: shown(work, standing, rows))


@router.get("/v1/penalties/{penalty_id}")
@operation(permission=PENALTIES_READ, versioned=True)
async def read_penalty(penalty_id: UUID, work: Read, response: Response) -> PenaltyPublic:
    """Read a penalty."""
    penalty, standing = await deciding.read_penalty(work, penalty_id)
    set_etag(response, penalty.version)
    return (await shown(work, standing, [penalty]))[0]


@router.post("/v1/penalties/{penalty_id}/suspend")
@operation(permission=PENALTIES_SUSPEND, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION], versioned=True)
async def suspend_for_penalty(penalty_id: UUID, if_match: IfMatch, work: Write, response: Response) -> PenaltyPublic:
    """Agree, as the second person, to a suspension for 7 days, which another proposed; or to that instead of an expulsion."""
    penalty, standing = await deciding.agree(work, penalty_id, "suspend", if_match)
    set_etag(response, penalty.version)
    return (await shown(work, standing, [penalty]))[0]


@router.post("/v1/penalties/{penalty_id}/expel")
@operation(
    permission=PENALTIES_EXPEL,
    problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, LAST_OWNER],
    versioned=True,
    step_up=True,
)
async def expel_for_penalty(penalty_id: UUID, if_match: IfMatch, work: Write, response: Response) -> PenaltyPublic:
    """Agree, as the second person, to an expulsion that another proposed. It ends the membership."""
    penalty, standing = await deciding.agree(work, penalty_id, "expel", if_match)
    set_etag(response, penalty.version)
    return (await shown(work, standing, [penalty]))[0]


@router.post("/v1/penalties/{penalty_id}/forgo")
@operation(permission=PENALTIES_SUSPEND, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION], versioned=True)
async def forgo_proposed_sanction(
    penalty_id: UUID, if_match: IfMatch, work: Write, response: Response
) -> PenaltyPublic:
    """Decide, as the second person, against what another proposed: it stays at what holds already."""
    penalty, standing = await deciding.agree(work, penalty_id, None, if_match)
    set_etag(response, penalty.version)
    return (await shown(work, standing, [penalty]))[0]


@router.post("/v1/penalties/{penalty_id}/lift")
@operation(permission=PENALTIES_LIFT, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION], versioned=True)
async def lift_penalty(
    penalty_id: UUID, body: PenaltyLift, if_match: IfMatch, work: Write, response: Response
) -> PenaltyPublic:
    """Take back a penalty that should not have been, with everything that followed. Moderators take back what they alone imposed.

    What an appointed reviewer imposed nobody in the community takes back: the member may appeal.
    """
    penalty, standing = await deciding.take_back(work, penalty_id, body, if_match)
    set_etag(response, penalty.version)
    return (await shown(work, standing, [penalty]))[0]
