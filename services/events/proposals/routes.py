"""HTTP of proposals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.activities.schemas import ReasonGiven
from services.events.permissions import PROPOSALS_CREATE, PROPOSALS_DECIDE
from services.events.proposals import queries, service
from services.events.proposals.access import SeenProposal, decides, seen_proposal
from services.events.proposals.rules import Status
from services.events.proposals.schemas import (
    STATUS,
    ProposalAccept,
    ProposalCreate,
    ProposalPatch,
    ProposalPublic,
)
from services.events.proposals.views import listed, shown

router = api_router(tags=["Proposals"])

ONE = "/v1/proposals/{proposal_id}"
DECIDING = [CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED]


@router.post("/v1/proposals", status_code=201)
@operation(permission=PROPOSALS_CREATE)
async def propose_activity(body: ProposalCreate, work: Write, response: Response) -> ProposalPublic:
    """Propose an activity to those who run the community."""
    seen = await service.submit(work, body)
    created(response, f"/v1/proposals/{seen.proposal.id}")
    return await _shown(work, seen, response)


@router.get("/v1/proposals")
@operation(permission=PROPOSALS_CREATE)
async def list_proposals(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[Status | None, Query(), STATUS] = None,
    mine: Annotated[bool, Query(description="Only the caller's own.")] = False,
) -> Page[ProposalPublic]:
    """List a community's proposals, the latest first: all for those who decide, their own for others."""
    standing = await authorize(work.session, work.caller, PROPOSALS_CREATE, community_id, own=True, now=work.now)
    only = None if decides(standing) and not mine else standing.member_id
    return await paginate_together(
        work.session,
        queries.listing(community_id, only, status),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=PROPOSALS_CREATE)
async def read_proposal(proposal_id: UUID, work: Read, response: Response) -> ProposalPublic:
    """Read a proposal: your own, or one that you decide about."""
    return await _shown(work, await seen_proposal(work, proposal_id), response)


@router.patch(ONE)
@operation(permission=PROPOSALS_CREATE, problems=[ILLEGAL_TRANSITION])
async def update_proposal(
    proposal_id: UUID, body: ProposalPatch, if_match: IfMatch, work: Write, response: Response
) -> ProposalPublic:
    """Change what you propose, until somebody decides."""
    return await _shown(work, await service.edit(work, proposal_id, body, if_match), response)


@router.post(f"{ONE}/withdraw")
@operation(permission=PROPOSALS_CREATE, problems=[ILLEGAL_TRANSITION])
async def withdraw_proposal(proposal_id: UUID, work: Write, response: Response) -> ProposalPublic:
    """Propose it no more. Again, it changes nothing."""
    return await _shown(work, await service.withdraw(work, proposal_id), response)


@router.post(f"{ONE}/accept")
@operation(permission=PROPOSALS_DECIDE, problems=DECIDING)
async def accept_proposal(
    proposal_id: UUID, body: ProposalAccept, if_match: IfMatch, work: Write, response: Response
) -> ProposalPublic:
    """Accept a proposal: it becomes the draft of an activity, which its proposer runs or speaks at."""
    return await _shown(work, await service.accept(work, proposal_id, body, if_match), response)


@router.post(f"{ONE}/decline")
@operation(permission=PROPOSALS_DECIDE, problems=DECIDING)
async def decline_proposal(
    proposal_id: UUID, body: ReasonGiven, if_match: IfMatch, work: Write, response: Response
) -> ProposalPublic:
    """Decline a proposal; its proposer reads why."""
    return await _shown(work, await service.decline(work, proposal_id, body, if_match), response)


async def _shown(work: Work, seen: SeenProposal, response: Response) -> ProposalPublic:
    set_etag(response, seen.proposal.version)
    return await shown(work, seen)
