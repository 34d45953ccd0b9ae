"""HTTP of scorecards."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Response

from chassis.audit import audit
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.interviews.schemas import Cancellation
from services.membership.permissions import APPLICATIONS_DECIDE, SCORECARDS_READ, SCORECARDS_WRITE
from services.membership.scorecards import queries, service, views
from services.membership.scorecards.access import Judging, judging
from services.membership.scorecards.models import Scorecard
from services.membership.scorecards.problems import INTERVIEW_NOT_HELD, SCORECARDS_LOCKED
from services.membership.scorecards.schemas import (
    ScorecardCreate,
    ScorecardPatch,
    ScorecardPublic,
    ScorecardSummary,
)

router = api_router(tags=["Scorecards"])

ONE = "/v1/scorecards/{scorecard_id}"

_WRITING = [CONFLICT_OF_INTEREST, INTERVIEW_NOT_HELD, SCORECARDS_LOCKED]


@router.post("/v1/scorecards", status_code=201)
@operation(
    permission=SCORECARDS_WRITE,
    problems=_WRITING,
    existing="You have begun one already; it is answered as it is, and nothing of this body is saved.",
)
async def create_scorecard(body: ScorecardCreate, work: Write, response: Response) -> ScorecardPublic:
    """Begin your scorecard of an applicant whom you interview. Nobody else reads it until you hand it in.

    Each of you has one: asked again, the answer is 200 with yours as it is, whatever the body says. To save more, patch that one.
    """
    card, seen, new = await service.begin(work, body)
    created(response, f"/v1/scorecards/{card.id}")
    response.status_code = 201 if new else 200
    return await _shown(work, card, seen, response)


@router.get("/v1/scorecards")
@operation(permission=SCORECARDS_READ)
async def list_scorecards(application_id: UUID, work: Write, page: PageQuery) -> Page[ScorecardPublic]:
    """List the scorecards of an application. Whoever interviews reads those of others when their own is in. Reading is audited."""
    seen = await judging(work, application_id)
    await audit(work.session, work.caller, seen.application, "scorecards.read", {}, work.now)
    rows = queries.cards(application_id, person_id=_own_id(seen), others=seen.reads_others)

    async def shown(some: Sequence[Scorecard]) -> list[ScorecardPublic]:
        return await views.shown(work, seen, some)

    return await paginate_together(work.session, rows, page=page, to=shown)


@router.get("/v1/scorecards/summary")
@operation(permission=SCORECARDS_READ)
async def read_scorecard_summary(application_id: UUID, work: Read) -> ScorecardSummary:
    """Read what the scorecards of an application come to, by the criteria of the campaign, with what their scores mean."""
    return await views.summed_up(work, await judging(work, application_id))


@router.get(ONE)
@operation(permission=SCORECARDS_READ)
async def read_scorecard(scorecard_id: UUID, work: Write, response: Response) -> ScorecardPublic:
    """Read a scorecard: your own, or another's where you read those. Reading another's is audited."""
    card, seen = await service.read(work, scorecard_id)
    return await _shown(work, card, seen, response)


@router.patch(ONE)
@operation(permission=SCORECARDS_WRITE, problems=[*_WRITING, ILLEGAL_TRANSITION])
async def save_scorecard(
    scorecard_id: UUID, body: ScorecardPatch, if_match: IfMatch, work: Write, response: Response
) -> ScorecardPublic:
    """Save your draft by merge patch."""
    card, seen = await service.save(work, scorecard_id, body, if_match)
    return await _shown(work, card, seen, response)


@router.post(f"{ONE}/hand-in")
@operation(permission=SCORECARDS_WRITE, problems=[*_WRITING, ILLEGAL_TRANSITION])
async def hand_in_scorecard(scorecard_id: UUID, work: Write, response: Response) -> ScorecardPublic:
    """Hand your scorecard in, with a score for every criterion. It does not change any more."""
    card, seen = await service.hand_in(work, scorecard_id)
    return await _shown(work, card, seen, response)


@router.post(f"{ONE}/cancel")
@operation(permission=APPLICATIONS_DECIDE, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, SCORECARDS_LOCKED])
async def cancel_scorecard(scorecard_id: UUID, body: Cancellation, work: Write, response: Response) -> ScorecardPublic:
    """Let a scorecard count no more, and say why. Whoever interviews the applicant cancels their own alone."""
    card, seen = await service.cancel(work, scorecard_id, body.reason)
    return await _shown(work, card, seen, response)


def _own_id(seen: Judging) -> UUID | None:
    """Whose scorecard is read whatever it is."""
    hidden = seen.reader.is_applicant or seen.reader.conflicted or seen.own is None
    return None if hidden or seen.own is None else seen.own.person_id


async def _shown(work: Work, card: Scorecard, seen: Judging, response: Response) -> ScorecardPublic:
    set_etag(response, card.version)
    return (await views.shown(work, seen, [card]))[0]
