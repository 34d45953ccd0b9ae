"""HTTP of applications and the board of a campaign."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.audit import audit
from chassis.forms.problems import ANSWERS_INVALID
from chassis.problems import (
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
    NOT_FOUND,
)
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.batch import BatchResult, run_batch
from chassis.web.dependencies import (
    AtFirst,
    CallerDep,
    IfMatch,
    LaterTransaction,
    Localised,
    Now,
    RuntimeDep,
    Transaction,
)
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from services.membership.applications import deciding, queries, service, views
from services.membership.applications.models import Application
from services.membership.applications.moving import is_applicant
from services.membership.applications.problems import (
    ALREADY_APPLIED,
    COOL_OFF,
    DECLINE_PERIOD_OVER,
    NOT_IN_AUDIENCE,
    QUOTA_FULL,
    RETURN_EXPIRED,
    REVIEW_ALREADY_REQUESTED,
    STEP_UNFINISHED,
    STEPS_REMAINING,
    UNKNOWN_CHANNEL,
)
from services.membership.applications.schemas import (
    AnswersPatch,
    ApplicationCreate,
    ApplicationPublic,
    ApplicationsBatch,
    Decision,
    Return,
    Submission,
)
from services.membership.applications.steps import takes_part, unfinished_steps
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.problems import CAMPAIGN_CLOSED, CAMPAIGN_NOT_OPEN
from services.membership.departments.queries import refs
from services.membership.permissions import (
    APPLICATIONS_CREATE,
    APPLICATIONS_DECIDE,
    APPLICATIONS_READ,
    APPLICATIONS_WITHDRAW,
    MEMBERS_LEAVE,
)
from services.membership.privacy.problems import PRIVACY_NOTICE_NOT_AGREED
from services.membership.refusals import LAST_OWNER

router = api_router(tags=["Applications"])

ONE = "/v1/applications/{application_id}"

_SUBMITTING = [ANSWERS_INVALID, CAMPAIGN_CLOSED, CAMPAIGN_NOT_OPEN, ILLEGAL_TRANSITION]
_DECIDING = [CAMPAIGN_CLOSED, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION]
_MOVING_ON = [*_DECIDING, *STEP_UNFINISHED]


async def _own(
    session: AsyncSession,
    found: tuple[Application, Campaign, Standing],
    caller: Caller,
    now: datetime,
    response: Response | None = None,
) -> ApplicationPublic:
    application, campaign, standing = found
    community = await queries.community_of(session, application)
    if response is not None and application.state == "draft":
        # Later its version would tell that somebody works on it.
        set_etag(response, application.version)
    viewer = views.viewer_of(application, campaign, caller, standing, now)
    named = await queries.channel_name(session, application)
    return views.for_applicant(application, campaign, community, now, channel_name=named, viewer=viewer)


async def _staffs(
    session: AsyncSession, found: tuple[Application, Campaign, Standing], caller: Caller, now: datetime
) -> ApplicationPublic:
    application, campaign, standing = found
    person = await queries.applicant_of(session, application)
    community = await queries.community_of(session, application)
    department = (await refs(session, [person.department_code]))[person.department_code]
    lacking = await unfinished_steps(session, [application], now)
    viewer = views.viewer_of(application, campaign, caller, standing, now, lacking.get(application.id))
    named = await queries.channel_name(session, application)
    return views.for_staff(
        application, campaign, community, person, now, channel_name=named, department=department, viewer=viewer
    )


@router.post("/v1/applications", status_code=201)
@operation(
    permission=APPLICATIONS_CREATE,
    problems=[
        *_SUBMITTING,
        ALREADY_APPLIED,
        COOL_OFF,
        NOT_IN_AUDIENCE,
        PRIVACY_NOTICE_NOT_AGREED,
        UNKNOWN_CHANNEL,
    ],
)
async def create_application(
    body: ApplicationCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ApplicationPublic:
    """Apply through a channel, or save a draft. Failing a knock-out requirement rejects the application at once."""
    found = await service.create(session, caller=caller, body=body, now=now)
    created(response, f"/v1/applications/{found[0].id}")
    return await _own(session, found, caller, now, response)


@router.post("/v1/applications/batch")
@operation(permission=APPLICATIONS_DECIDE, problems=[*_MOVING_ON, QUOTA_FULL, STEPS_REMAINING])
async def batch_applications(
    body: ApplicationsBatch,
    caller: CallerDep,
    at_first: AtFirst,
    runtime: RuntimeDep,
    now: Now,
    locale: Localised,
    request: Request,
) -> BatchResult:
    """Decide, advance or return up to 500 applications. Each is handled like a request of its own."""
    seen = await at_first(body.ids, queries.states) if body.action == "advance" else {}

    async def one(session: AsyncSession, application_id: UUID) -> Any:
        if body.action == "decide" and body.outcome and body.reason:
            decision = Decision(
                outcome=body.outcome,
                reason=body.reason,
                reason_for_applicant=body.reason_for_applicant,
                release_at=body.release_at,
            )
            await deciding.decide(session, caller=caller, application_id=application_id, body=decision, now=now)
        elif body.action == "return" and body.what:
            returned = Return(what=body.what, until=body.until)
            await deciding.return_(session, caller=caller, application_id=application_id, body=returned, now=now)
        else:
            await deciding.advance(session, caller=caller, application_id=application_id, seen=seen, now=now)

    request_id = getattr(request.state, "request_id", None)
    return await run_batch(runtime, caller, body.ids, one, of=Application, locale=locale, request_id=request_id)


@router.get(ONE)
@operation(permission=APPLICATIONS_READ)
async def read_application(
    application_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ApplicationPublic:
    """Read an application. Applicants see their own; those who decide see all of it, those who take part in a step who applied and with which answers.

    Reading others' is audited.
    """
    application, campaign, person, community = await queries.application_and_campaign(session, application_id)
    mine = is_applicant(caller, application)
    standing = await authorize(
        session,
        caller,
        APPLICATIONS_READ,
        application.community_id,
        own=mine,
        assigned=not mine and await takes_part(session, caller, application, now),
        seen_by=APPLICATIONS_READ,
        now=now,
    )
    if mine:
        return await _own(session, (application, campaign, standing), caller, now, response)
    if application.submitted_at is None:
        raise NOT_FOUND()
    await audit(session, caller, application, "read", {}, now)
    department = (await refs(session, [person.department_code]))[person.department_code]
    named = await queries.channel_name(session, application)
    if not standing.sees_all:
        viewer = views.viewer_of(application, campaign, caller, standing, now)
        return views.for_assigned(
            application, campaign, community, person, now, channel_name=named, department=department, viewer=viewer
        )
    moves = list(await queries.moves_of(session, application.id))
    lacking = await unfinished_steps(session, [application], now)
    viewer = views.viewer_of(application, campaign, caller, standing, now, lacking.get(application.id))
    return views.for_staff(
        application,
        campaign,
        community,
        person,
        now,
        channel_name=named,
        department=department,
        moves=moves,
        viewer=viewer,
    )


@router.patch(ONE)
@operation(permission=APPLICATIONS_CREATE, problems=_SUBMITTING)
async def save_application(
    application_id: UUID,
    body: AnswersPatch,
    if_match: IfMatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
) -> ApplicationPublic:
    """Save answers of a draft by merge patch. They need not fit the form yet."""
    found = await service.save_answers(
        session, caller=caller, application_id=application_id, patch=body.answers, if_match=if_match, now=now
    )
    return await _own(session, found, caller, now, response)


@router.post(f"{ONE}/submit")
@operation(permission=APPLICATIONS_CREATE, problems=_SUBMITTING)
async def submit_application(
    application_id: UUID, caller: CallerDep, session: Transaction, now: Now, body: Submission | None = None
) -> ApplicationPublic:
    """Submit a draft."""
    answers = body.answers if body else None
    found = await service.submit(session, caller=caller, application_id=application_id, answers=answers, now=now)
    return await _own(session, found, caller, now)


@router.post(f"{ONE}/resubmit")
@operation(permission=APPLICATIONS_CREATE, problems=[*_SUBMITTING, RETURN_EXPIRED])
async def resubmit_application(
    application_id: UUID, caller: CallerDep, session: Transaction, now: Now, body: Submission | None = None
) -> ApplicationPublic:
    """Submit a returned application again, on the same version of the form."""
    answers = body.answers if body else None
    found = await service.resubmit(session, caller=caller, application_id=application_id, answers=answers, now=now)
    return await _own(session, found, caller, now)


@router.post(f"{ONE}/withdraw")
@operation(permission=APPLICATIONS_WITHDRAW, problems=[ILLEGAL_TRANSITION])
async def withdraw_application(
    application_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> ApplicationPublic:
    """Withdraw an application. This is possible until the decision takes effect, and on the waitlist."""
    found = await service.withdraw(session, caller=caller, application_id=application_id, now=now)
    return await _own(session, found, caller, now)


@router.post(f"{ONE}/decline")
@operation(permission=MEMBERS_LEAVE, problems=[DECLINE_PERIOD_OVER, ILLEGAL_TRANSITION, LAST_OWNER])
async def decline_seat(application_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> ApplicationPublic:
    """Give up a seat within 7 days of acceptance. The membership ends."""
    found = await service.decline(session, caller=caller, application_id=application_id, now=now)
    return await _own(session, found, caller, now)


@router.post(f"{ONE}/request-review")
@operation(
    permission=APPLICATIONS_CREATE,
    problems=[
        ALREADY_APPLIED,
        CAMPAIGN_CLOSED,
        ILLEGAL_TRANSITION,
        REVIEW_ALREADY_REQUESTED,
    ],
)
async def request_application_review(
    application_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> ApplicationPublic:
    """Ask for a human review of an application that a knock-out requirement rejected. You can ask once."""
    found = await service.request_review(session, caller=caller, application_id=application_id, now=now)
    return await _own(session, found, caller, now)


@router.post(f"{ONE}/return")
@operation(permission=APPLICATIONS_DECIDE, problems=_DECIDING)
async def return_application(
    application_id: UUID, body: Return, caller: CallerDep, session: Transaction, now: Now
) -> ApplicationPublic:
    """Return an application to the applicant to complete it. This is possible until screening ends."""
    found = await deciding.return_(session, caller=caller, application_id=application_id, body=body, now=now)
    return await _staffs(session, found, caller, now)


@router.post(f"{ONE}/advance")
@operation(permission=APPLICATIONS_DECIDE, problems=_MOVING_ON)
async def advance_application(
    application_id: UUID, caller: CallerDep, at_first: AtFirst, begin: LaterTransaction, now: Now
) -> ApplicationPublic:
    """Move an application to the next step of its campaign. Of requests sent at once only one does."""
    seen = await at_first([application_id], queries.states)
    session = await begin()
    found = await deciding.advance(session, caller=caller, application_id=application_id, seen=seen, now=now)
    return await _staffs(session, found, caller, now)


@router.post(f"{ONE}/decide")
@operation(permission=APPLICATIONS_DECIDE, problems=[*_MOVING_ON, QUOTA_FULL, STEPS_REMAINING])
async def decide_application(
    application_id: UUID, body: Decision, caller: CallerDep, session: Transaction, now: Now
) -> ApplicationPublic:
    """Accept, waitlist or reject an application.

    The seat is taken or freed at once. Everything else happens at `release_at`.
    """
    found = await deciding.decide(session, caller=caller, application_id=application_id, body=body, now=now)
    return await _staffs(session, found, caller, now)
