"""HTTP of awards by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.gamification.awards import problems, queries, service
from services.gamification.awards.rules import Status
from services.gamification.awards.schemas import (
    STATUS,
    AwardBudgetPublic,
    AwardBudgetPut,
    AwardCreate,
    AwardList,
    AwardRefuse,
    AwardsMade,
    CitationAnswer,
    HandAwardPublic,
)
from services.gamification.awards.views import shown
from services.gamification.permissions import AWARDS_APPROVE, AWARDS_CITE, AWARDS_CREATE, AWARDS_READ

router = api_router(tags=["Awards"])

ALL = "/v1/awards"
ONE = "/v1/awards/{award_id}"
_PROPOSING = [problems.BUDGET_SPENT, problems.NO_APPROVER, CONFLICT_OF_INTEREST]


@router.post(ALL, status_code=201)
@operation(permission=AWARDS_CREATE, problems=_PROPOSING)
async def create_award(body: AwardCreate, work: Write, response: Response) -> HandAwardPublic:
    """Give a member points by hand, within the budget of the month.

    Above 100 points it waits until an owner who did not propose it approves. Nobody gives points to themselves.
    """
    [award] = await service.propose(work, body.community_id, [body])
    created(response, f"{ALL}/{award.id}")
    standing = await authorize(work.session, work.caller, AWARDS_CREATE, body.community_id, now=work.now)
    return (await shown(work, [award], standing))[0]


@router.post(f"{ALL}/lists", status_code=201)
@operation(permission=AWARDS_CREATE, problems=_PROPOSING, located=False)
async def create_awards(body: AwardList, work: Write) -> AwardsMade:
    """Give several members points by hand: all or none. Each above 100 points waits for approval."""
    awards = await service.propose(work, body.community_id, body.awards, where="/awards")
    standing = await authorize(work.session, work.caller, AWARDS_CREATE, body.community_id, now=work.now)
    return AwardsMade(items=await shown(work, awards, standing))


@router.get(ALL)
@operation(permission=AWARDS_READ)
async def list_awards(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    member_id: Annotated[UUID | None, Query(description="Only those for this member.")] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[HandAwardPublic]:
    """List awards by hand, the latest first. Members see their own, and the citations that others made public."""
    standing = await authorize(work.session, work.caller, AWARDS_READ, community_id, own=True, now=work.now)
    readers = None if standing.sees_all else [] if standing.member_id is None else [standing.member_id]
    found = queries.listing(community_id, readers=readers, member_id=member_id, status=status)
    return await paginate_together(work.session, found, page=page, to=lambda rows: shown(work, rows, standing))


@router.get(f"{ALL}/budget")
@operation(permission=AWARDS_CREATE)
async def read_award_budget(community_id: UUID, work: Read) -> AwardBudgetPublic:
    """Read what may be given by hand in a month of the community, and what is left."""
    return await service.read_budget(work, community_id)


@router.put(f"{ALL}/budget")
@operation(permission=AWARDS_APPROVE)
async def put_award_budget(community_id: UUID, body: AwardBudgetPut, work: Write) -> AwardBudgetPublic:
    """Say what may be given by hand in a month of the community. What was given already counts."""
    return await service.put_budget(work, community_id, body)


@router.get(ONE)
@operation(permission=AWARDS_READ)
async def read_award(award_id: UUID, work: Read) -> HandAwardPublic:
    """Read an award by hand."""
    return await _one(work, await service.seen_award(work, award_id))


@router.post(f"{ONE}/approve")
@operation(permission=AWARDS_APPROVE, problems=[problems.AWARD_DECIDED, problems.MEMBER_GONE, CONFLICT_OF_INTEREST])
async def approve_award(award_id: UUID, work: Write) -> HandAwardPublic:
    """Give what another proposed. Neither who proposed it nor who is to get it can; to who has left it can only be refused."""
    return await _one(work, await service.approve(work, award_id))


@router.post(f"{ONE}/refuse")
@operation(permission=AWARDS_APPROVE, problems=[problems.AWARD_DECIDED, CONFLICT_OF_INTEREST])
async def refuse_award(award_id: UUID, body: AwardRefuse, work: Write) -> HandAwardPublic:
    """Refuse what another proposed. Its points are of the month's budget again."""
    return await _one(work, await service.refuse(work, award_id, body.refusal))


@router.put(f"{ONE}/citation")
@operation(permission=AWARDS_CITE, problems=[problems.NO_CITATION])
async def answer_citation(award_id: UUID, body: CitationAnswer, work: Write) -> HandAwardPublic:
    """Say whether others may read the citation of your own award. You can change your mind."""
    return await _one(work, await service.answer(work, award_id, public=body.public))


async def _one(work: Read, seen: service.SeenAward) -> HandAwardPublic:
    return (await shown(work, [seen.award], seen.standing))[0]
