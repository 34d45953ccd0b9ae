"""HTTP of interviews."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.ical import CONTENT_TYPE
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Localised, Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.campaigns.problems import CAMPAIGN_CLOSED
from services.membership.interviews import choosing, listing, offering, views
from services.membership.interviews.access import found
from services.membership.interviews.calendar_entry import entry
from services.membership.interviews.problems import (
    ALREADY_CHOSEN,
    APPLIES_THEMSELVES,
    INTERVIEWER_BUSY,
    SLOT_TAKEN,
    STEP_NOT_LISTED,
    TOO_LATE_TO_GIVE_UP,
    TOO_MANY_INTERVIEWS,
    UNKNOWN_INTERVIEWER,
)
from services.membership.interviews.schemas import (
    Cancellation,
    InterviewCreate,
    InterviewersPut,
    InterviewMove,
    InterviewPublic,
)
from services.membership.permissions import APPLICATIONS_DECIDE, APPLICATIONS_READ, INTERVIEWS_CHOOSE

router = api_router(tags=["Interviews"])

ONE = "/v1/interviews/{interview_id}"

_NAMING = [APPLIES_THEMSELVES, CAMPAIGN_CLOSED, CONFLICT_OF_INTEREST, INTERVIEWER_BUSY, UNKNOWN_INTERVIEWER]


@router.post("/v1/interviews", status_code=201)
@operation(
    permission=APPLICATIONS_DECIDE, problems=[*_NAMING, ILLEGAL_TRANSITION, STEP_NOT_LISTED, TOO_MANY_INTERVIEWS]
)
async def offer_interview(body: InterviewCreate, work: Write, response: Response) -> InterviewPublic:
    """Offer a slot, to one applicant or to all of the campaign who are at this step. Nobody interviews twice at one time.

    Who has waited at this step for a time to choose is told, once, however many slots follow.
    """
    interview = await offering.offer(work, body)
    created(response, f"/v1/interviews/{interview.id}")
    return views.shown(work, await found(work, interview.id))


@router.get("/v1/interviews")
@operation(permission=APPLICATIONS_READ)
async def list_interviews(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    campaign_id: UUID | None = None,
    application_id: Annotated[
        UUID | None,
        Query(description="What it has, or is offered; to whose it is also what all of its campaign may choose."),
    ] = None,
    mine: Annotated[
        bool, Query(description="Only what the caller may choose or has, and where they interview.")
    ] = False,
    lacking: Annotated[bool, Query(description="Only those ahead that have lost an interviewer.")] = False,
) -> Page[InterviewPublic]:
    """List interviews, the earliest first. Who does not run the campaign sees what they may choose or have, and where they interview."""
    scope = await listing.scope_of(work, community_id, campaign_id, application_id, mine=mine)
    rows = listing.listed(work, scope, campaign_id, application_id, lacking=lacking)
    return await paginate_together(work.session, rows, page=page, to=lambda some: listing.shown(work, scope, some))


@router.get(ONE)
@operation(permission=APPLICATIONS_READ)
async def read_interview(interview_id: UUID, work: Read) -> InterviewPublic:
    """Read an interview."""
    return views.shown(work, await found(work, interview_id))


@router.get(f"{ONE}/calendar")
@operation(permission=APPLICATIONS_READ, media_types=["text/calendar"])
async def read_interview_calendar(interview_id: UUID, work: Read, locale: Localised) -> Response:
    """Download an interview for your calendar. Downloaded again after a change it replaces the former entry."""
    seen = await found(work, interview_id)
    one = seen.interview
    file = entry(
        interview_id=one.id,
        title=seen.campaign.title,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        place=one.place,
        sequence=one.sequence,
        cancelled=one.status == "cancelled",
        written_at=work.now,
        locale=locale,
    )
    named = {"Content-Disposition": 'attachment; filename="interview.ics"'}
    return Response(file, media_type=CONTENT_TYPE, headers=named)


@router.post(f"{ONE}/choose")
@operation(permission=INTERVIEWS_CHOOSE, problems=[ALREADY_CHOSEN, CAMPAIGN_CLOSED, ILLEGAL_TRANSITION, SLOT_TAKEN])
async def choose_interview(interview_id: UUID, work: Write) -> InterviewPublic:
    """Choose a slot that is offered to you. Of several who choose it at once one gets it. Again, it changes nothing."""
    return views.shown(work, await choosing.choose(work, interview_id))


@router.post(f"{ONE}/give-up")
@operation(permission=INTERVIEWS_CHOOSE, problems=[CAMPAIGN_CLOSED, ILLEGAL_TRANSITION, TOO_LATE_TO_GIVE_UP])
async def give_up_interview(interview_id: UUID, work: Write) -> InterviewPublic:
    """Give your interview up, at least 24 hours before it begins, and choose another."""
    return views.shown(work, await choosing.give_up(work, interview_id))


@router.post(f"{ONE}/move")
@operation(permission=APPLICATIONS_DECIDE, problems=[CAMPAIGN_CLOSED, ILLEGAL_TRANSITION, INTERVIEWER_BUSY])
async def move_interview(interview_id: UUID, body: InterviewMove, work: Write) -> InterviewPublic:
    """Give an interview another time or place. Everybody who takes part is told."""
    return views.shown(work, await offering.move(work, interview_id, body))


@router.post(f"{ONE}/cancel")
@operation(permission=APPLICATIONS_DECIDE, problems=[CAMPAIGN_CLOSED, ILLEGAL_TRANSITION])
async def cancel_interview(interview_id: UUID, body: Cancellation, work: Write) -> InterviewPublic:
    """Cancel an interview that has not begun. Everybody who takes part is told."""
    return views.shown(work, await offering.cancel(work, interview_id, body.reason))


@router.post(f"{ONE}/miss")
@operation(permission=APPLICATIONS_DECIDE, problems=[CAMPAIGN_CLOSED, ILLEGAL_TRANSITION])
async def miss_interview(interview_id: UUID, work: Write) -> InterviewPublic:
    """Note that the applicant did not come."""
    return views.shown(work, await offering.miss(work, interview_id))


@router.put(f"{ONE}/interviewers")
@operation(permission=APPLICATIONS_DECIDE, problems=[*_NAMING, ILLEGAL_TRANSITION])
async def put_interviewers(interview_id: UUID, body: InterviewersPut, work: Write) -> InterviewPublic:
    """Say who interviews, instead of who did: where somebody must not, or cannot."""
    return views.shown(work, await offering.name(work, interview_id, body.interviewer_ids))
