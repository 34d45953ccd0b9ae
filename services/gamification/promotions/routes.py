"""HTTP of promotions by decision."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.projections.members import member_for
from chassis.web.dependencies import CallerDep, Localised, Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.gamification.levels import promoting
from services.gamification.levels.schemas import ProgressPublic, PromotionCreate
from services.gamification.levels.views import progress
from services.gamification.permissions import (
    EARNING_RULES_READ,
    LADDERS_WRITE,
    PROMOTIONS_DECIDE,
    PROMOTIONS_NOMINATE,
    PROMOTIONS_VOTE,
)
from services.gamification.promotions import problems, queries, service
from services.gamification.promotions.access import SeenNomination
from services.gamification.promotions.schemas import (
    STATUS,
    CommitteePublic,
    CommitteePut,
    DecisionBody,
    NominationPublic,
    Status,
    VoteBody,
)
from services.gamification.promotions.views import committee_public, nominations_public

router = api_router(tags=["Levels"])

COMMITTEE = "/v1/promotions/committee"
ALL = queries.WHERE
ONE = f"{ALL}/{{nomination_id}}"
OF_GIVING = [promoting.NOT_DECIDED, promoting.NOT_NEXT, promoting.XP_SHORT, promoting.NOT_FULFILLED]


@router.post("/v1/promotions", status_code=201)
@operation(
    permission=PROMOTIONS_DECIDE,
    problems=[*OF_GIVING, problems.COMMITTEE_DECIDES, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION],
    located=False,
)
async def decide_promotion(body: PromotionCreate, caller: CallerDep, work: Write, locale: Localised) -> ProgressPublic:
    """Give a member one of the levels that are given by decision, where the community names no committee.

    It must be the level after their own, and they must fulfil what it asks. It is lost like any other: after the grace period
    below its `keeps_at`.
    """
    member = await member_for(work.session, caller, PROMOTIONS_DECIDE, body.member_id, work.now)
    await service.decide_alone(work, body.member_id, body.level, body.reason)
    return await progress(work.session, body.member_id, member.community_id, work.now, locale)


@router.get(COMMITTEE)
@operation(permission=EARNING_RULES_READ)
async def read_promotion_committee(community_id: UUID, work: Read) -> CommitteePublic:
    """Read who votes on nominations in a community."""
    await work.permit(community_id)
    members = (await queries.committee(work.session, [community_id]))[community_id]
    return await committee_public(work, community_id, members)


@router.put(COMMITTEE)
@operation(permission=LADDERS_WRITE)
async def put_promotion_committee(community_id: UUID, body: CommitteePut, work: Write) -> CommitteePublic:
    """Name the members who vote on nominations. Votes of who is no longer among them do not count."""
    members = await service.put_committee(work, community_id, body.member_ids)
    return await committee_public(work, community_id, members)


@router.post(ALL, status_code=201)
@operation(
    permission=PROMOTIONS_NOMINATE,
    problems=[*OF_GIVING[:3], problems.NO_COMMITTEE, ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION],
)
async def nominate_for_promotion(
    body: PromotionCreate, work: Write, response: Response, locale: Localised
) -> NominationPublic:
    """Nominate a member for the level after theirs, if it is given by decision and they have the xp. Nobody nominates themselves."""
    seen = await service.nominate(work, body)
    created(response, f"{ALL}/{seen.nomination.id}")
    return await _shown(work, seen, locale)


@router.get(ALL)
@operation(permission=PROMOTIONS_VOTE)
async def list_nominations(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[NominationPublic]:
    """List a community's nominations, the latest first. The committee, operators and owners see them, but nobody their own."""
    standing = await service.listing_for(work, community_id)
    found = queries.nominations(community_id, status, but=standing.member_id)
    return await paginate_together(
        work.session, found, page=page, to=lambda rows: nominations_public(work, rows, standing, locale)
    )


@router.get(ONE)
@operation(permission=PROMOTIONS_VOTE)
async def read_nomination(nomination_id: UUID, work: Read, locale: Localised) -> NominationPublic:
    """Read a nomination and how the committee voted."""
    return await _shown(work, await service.seen(work, nomination_id), locale)


@router.post(f"{ONE}/vote")
@operation(permission=PROMOTIONS_VOTE, problems=[problems.NOT_ON_COMMITTEE, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION])
async def vote_on_nomination(nomination_id: UUID, body: VoteBody, work: Write, locale: Localised) -> NominationPublic:
    """Vote as a member of the committee, with a reason. Nobody votes on themselves; a vote may be changed until the decision."""
    return await _shown(work, await service.vote(work, nomination_id, body), locale)


@router.post(f"{ONE}/decide")
@operation(
    permission=PROMOTIONS_DECIDE,
    problems=[*OF_GIVING, problems.VOTES_MISSING, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION],
)
async def decide_nomination(
    nomination_id: UUID, body: DecisionBody, work: Write, locale: Localised
) -> NominationPublic:
    """Decide a nomination, with a reason. It is granted only if at least half of the committee voted, and more for it than against it.

    The nominee does not count as one of the committee. A live penalty only puts a promotion off: decide again when it is over.
    """
    return await _shown(work, await service.decide(work, nomination_id, body), locale)


async def _shown(work: Work, seen: SeenNomination, locale: Locale) -> NominationPublic:
    return (await nominations_public(work, [seen.nomination], seen.standing, locale))[0]
