"""HTTP of appeals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.appeals import deciding, lodging, reading
from services.membership.appeals.access import AppealSeen, found
from services.membership.appeals.problems import (
    ALREADY_APPEALED,
    ALREADY_ASKED,
    NO_REVIEWER,
    NOTHING_TO_APPEAL,
    OTHERS_MAY_DECIDE,
    TOO_LATE_TO_APPEAL,
)
from services.membership.appeals.rules import Status
from services.membership.appeals.schemas import (
    STATUS,
    AppealAnswer,
    AppealAsk,
    AppealCreate,
    AppealDecide,
    AppealPublic,
)
from services.membership.appeals.views import shown, shown_whole
from services.membership.cases.schemas import ReviewerAppoint
from services.membership.permissions import (
    APPEALS_ANSWER,
    APPEALS_APPOINT,
    APPEALS_CREATE,
    APPEALS_DECIDE,
    PENALTIES_READ,
)

router = api_router(tags=["Appeals"])


@router.post("/v1/appeals", status_code=201)
@operation(
    permission=APPEALS_CREATE, problems=[ALREADY_APPEALED, TOO_LATE_TO_APPEAL, NOTHING_TO_APPEAL], versioned=True
)
async def create_appeal(body: AppealCreate, work: Write, response: Response, locale: Localised) -> AppealPublic:
    """Appeal against a penalty or a short mute of yours, or a moderator's removal of what you wrote, once, within 14 days from being told.

    Who is muted, suspended or expelled may, too. Somebody else decides than who imposed it; undecided after five working days its sanction pauses.
    """
    appeal = await lodging.lodge(work, body)
    created(response, f"/v1/appeals/{appeal.id}")
    return await _shown(work, await found(work, appeal.id), response, locale)


@router.get("/v1/appeals")
@operation(permission=PENALTIES_READ)
async def list_appeals(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[
        Status | None, Query(description="`open` leaves out what was taken back meanwhile."), STATUS
    ] = None,
) -> Page[AppealPublic]:
    """List the appeals in a community, the oldest first. Members see their own."""
    listing, standing = await reading.listing(work, community_id, status)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: shown(work, standing, rows))


@router.get("/v1/appeals/{appeal_id}")
@operation(permission=PENALTIES_READ, versioned=True)
async def read_appeal(appeal_id: UUID, work: Read, response: Response, locale: Localised) -> AppealPublic:
    """Read an appeal, and which services have answered the penalty as it stands: what each took back, and what it left and why."""
    return await _shown(work, await found(work, appeal_id), response, locale)


@router.post("/v1/appeals/{appeal_id}/ask")
@operation(
    permission=APPEALS_DECIDE, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, ALREADY_ASKED], versioned=True
)
async def ask_appellant(
    appeal_id: UUID, body: AppealAsk, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> AppealPublic:
    """Put the one question to the member. Whoever may decide may ask."""
    return await _shown(work, await lodging.ask(work, appeal_id, body.question, if_match), response, locale)


@router.post("/v1/appeals/{appeal_id}/answer")
@operation(permission=APPEALS_ANSWER, problems=[ILLEGAL_TRANSITION], versioned=True)
async def answer_in_appeal(
    appeal_id: UUID, body: AppealAnswer, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> AppealPublic:
    """Answer the question that was put, once, as long as nobody has decided."""
    return await _shown(work, await lodging.answer(work, appeal_id, body.answer, if_match), response, locale)


@router.post("/v1/appeals/{appeal_id}/decide")
@operation(permission=APPEALS_DECIDE, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION], versioned=True)
async def decide_appeal(
    appeal_id: UUID, body: AppealDecide, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> AppealPublic:
    """Decide an appeal in writing: `granted` takes back everything that followed, in all services, `reduced` the difference, `denied` nothing."""
    return await _shown(work, await deciding.decide(work, appeal_id, body, if_match), response, locale)


@router.post("/v1/appeals/{appeal_id}/appoint")
@operation(
    permission=APPEALS_APPOINT,
    problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, OTHERS_MAY_DECIDE, NO_REVIEWER],
    versioned=True,
)
async def appoint_reviewer(
    appeal_id: UUID, body: ReviewerAppoint, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> AppealPublic:
    """Appoint who decides, where nobody who runs the community may: somebody who is no member, and sees this appeal only."""
    return await _shown(work, await deciding.appoint(work, appeal_id, body.person_id, if_match), response, locale)


async def _shown(work: Work, seen: AppealSeen, response: Response, locale: Locale) -> AppealPublic:
    set_etag(response, seen.appeal.version)
    return await shown_whole(work, seen, locale)
