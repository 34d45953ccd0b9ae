"""HTTP of the star of the month."""

from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.gamification.permissions import KUDOS_CONFIRM, KUDOS_NOMINATE, KUDOS_READ, KUDOS_VOTE
from services.gamification.stars import problems, queries, service
from services.gamification.stars.schemas import (
    StarCandidatePublic,
    StarConfirm,
    StarListed,
    StarNominate,
    StarPublic,
    StarVote,
)
from services.gamification.stars.views import candidates_shown, listed, shown

router = api_router(tags=["Kudos"])

ALL = queries.ALL
ONE = f"{ALL}/{{star_id}}"


@router.post(ALL, status_code=201)
@operation(permission=KUDOS_NOMINATE, problems=[problems.NAMED_BEFORE])
async def nominate_star(body: StarNominate, work: Write, response: Response) -> StarPublic:
    """Name a colleague as the star of the present month: one a month, and nobody names themselves.

    Members vote on the first seven days of the next month.
    """
    seen = await service.nominate(work, body.community_id, body.member_id)
    created(response, f"{ALL}/{seen.star.id}")
    return await shown(work, seen)


@router.get(ALL)
@operation(permission=KUDOS_READ)
async def list_stars(community_id: UUID, work: Read, page: PageQuery) -> Page[StarListed]:
    """List a community's stars of months, the latest first."""
    standing = await authorize(work.session, work.caller, KUDOS_READ, community_id, now=work.now)
    today = service.today_in(work, standing)
    found = queries.listing(community_id)
    return await paginate_together(work.session, found, page=page, to=lambda rows: listed(work, rows, today))


@router.get(ONE)
@operation(permission=KUDOS_READ)
async def read_star(star_id: UUID, work: Read) -> StarPublic:
    """Read the star of a month."""
    return await shown(work, await service.seen_star(work, star_id))


@router.get(f"{ONE}/candidates")
@operation(permission=KUDOS_READ)
async def list_star_candidates(star_id: UUID, work: Read, page: PageQuery) -> Page[StarCandidatePublic]:
    """List who was named: by their votes once these are counted. Who named them is not said."""
    seen = await service.seen_star(work, star_id)
    found = queries.candidates(star_id, counted=seen.counted)
    return await paginate_together(
        work.session, found, page=page, to=lambda rows: candidates_shown(work, rows, counted=seen.counted)
    )


@router.post(f"{ONE}/vote")
@operation(
    permission=KUDOS_VOTE,
    problems=[problems.NOT_NOW, problems.VOTED_BEFORE],
    untold=True,
)
async def vote_for_star(star_id: UUID, body: StarVote, work: Write) -> StarPublic:
    """Vote for one of those who were named, once. Nobody votes for themselves.

    That you voted is kept; for whom is only counted. Nothing is known of the votes until the days of voting are over.
    """
    return await shown(work, await service.vote(work, star_id, body.member_id))


@router.post(f"{ONE}/confirm")
@operation(
    permission=KUDOS_CONFIRM, problems=[CONFLICT_OF_INTEREST, problems.NOT_NOW, problems.NOT_FIRST, problems.WON_BEFORE]
)
async def confirm_star(star_id: UUID, body: StarConfirm, work: Write) -> StarPublic:
    """Confirm the star of a month: who has most votes, one of several with as many, or nobody. Again, it changes nothing.

    An owner who was named and can be it leaves it to another.
    """
    return await shown(work, await service.confirm(work, star_id, body.member_id))
