"""HTTP of registrations."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.forms.problems import ANSWERS_INVALID
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.idempotency import KEPT_LONG
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.events.activities.access import seen_activity
from services.events.activities.rules import RegistrationStatus
from services.events.activities.schemas import REGISTRATION_STATUS, ActivityPublic, ReasonGiven
from services.events.activities.views import shown as activity_shown
from services.events.permissions import (
    REGISTRATIONS_ACCEPT,
    REGISTRATIONS_ASK_LEAVE,
    REGISTRATIONS_ASSIGN,
    REGISTRATIONS_CANCEL,
    REGISTRATIONS_CONFIRM,
    REGISTRATIONS_CREATE,
    REGISTRATIONS_EXCUSE,
    REGISTRATIONS_LIST,
)
from services.events.registrations import assigning, queries, queues, service
from services.events.registrations.access import seen_registration
from services.events.registrations.offers import held_by
from services.events.registrations.problems import (
    FORM_CHANGED,
    NOT_ELIGIBLE,
    OFFER_OVER,
    REGISTRATION_CLOSED,
    TOO_LATE_TO_CANCEL,
)
from services.events.registrations.rules import RegistrationQueue
from services.events.registrations.schemas import (
    QUEUE,
    AnswersPut,
    AssignCreate,
    LeaveDecide,
    RegistrationCreate,
    RegistrationPublic,
    RegistrationWaiting,
    WaitlistPublic,
)
from services.events.registrations.views import listed, shown, waiting

router = api_router(tags=["Registrations"])

ONE = "/v1/registrations/{registration_id}"


@router.post("/v1/registrations", status_code=201)
@operation(
    permission=REGISTRATIONS_CREATE,
    problems=[ANSWERS_INVALID, FORM_CHANGED, ILLEGAL_TRANSITION, NOT_ELIGIBLE, REGISTRATION_CLOSED],
    existing="The caller is registered already.",
    remembered=KEPT_LONG,
)
async def register(body: RegistrationCreate, work: Write, response: Response) -> RegistrationPublic:
    """Register for an activity: you have a seat, or where there is none a place in the line."""
    done = await service.register(work, body)
    created(response, f"/v1/registrations/{done.registration.id}")
    if not done.new:
        response.status_code = 200
    return await shown(work, done.registration, done.found)


@router.get("/v1/registrations")
@operation(permission=REGISTRATIONS_LIST)
async def list_registrations(
    activity_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[RegistrationStatus | None, Query(), REGISTRATION_STATUS] = None,
) -> Page[RegistrationPublic]:
    """List who registered for an activity; those who do not run it see only themselves."""
    found = await seen_activity(work, activity_id)
    only = None if found.may(REGISTRATIONS_LIST) else found.standing.member_id
    return await paginate_together(
        work.session,
        queries.listing(found.activity, status, only),
        page=page,
        to=lambda rows: listed(work, rows, found),
    )


@router.get("/v1/registrations/waiting")
@operation(permission=REGISTRATIONS_LIST)
async def list_waiting_registrations(
    community_id: UUID,
    queue: Annotated[RegistrationQueue, Query(), QUEUE],
    work: Read,
    page: PageQuery,
) -> Page[RegistrationWaiting]:
    """List the registrations in one of the desk's queues, for all activities of a community: those that wait longest first."""
    standing = await authorize(work.session, work.caller, REGISTRATIONS_LIST, community_id, now=work.now)
    return await paginate_together(
        work.session,
        queues.listing(queue, community_id, work.now),
        page=page,
        to=lambda rows: waiting(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=REGISTRATIONS_LIST)
async def read_registration(registration_id: UUID, work: Read) -> RegistrationPublic:
    """Read a registration."""
    row, found = await seen_registration(work, registration_id)
    return await shown(work, row, found)


@router.put(f"{ONE}/answers")
@operation(permission=REGISTRATIONS_CREATE, problems=[ANSWERS_INVALID, FORM_CHANGED, ILLEGAL_TRANSITION])
async def answer_form(registration_id: UUID, body: AnswersPut, work: Write) -> RegistrationPublic:
    """Answer the form of an activity that you registered for, until it starts. What you answered before is replaced."""
    done = await service.answer(work, registration_id, body)
    return await shown(work, done.registration, done.found)


@router.post(f"{ONE}/accept")
@operation(permission=REGISTRATIONS_ACCEPT, problems=[ILLEGAL_TRANSITION, OFFER_OVER])
async def accept_seat(registration_id: UUID, work: Write) -> RegistrationPublic:
    """Take the seat that you are offered. Again, it changes nothing."""
    done = await service.accept(work, registration_id)
    return await shown(work, done.registration, done.found)


@router.post(f"{ONE}/cancel")
@operation(permission=REGISTRATIONS_CANCEL, problems=[ILLEGAL_TRANSITION, TOO_LATE_TO_CANCEL])
async def cancel_registration(registration_id: UUID, work: Write) -> RegistrationPublic:
    """Give your seat, or your place in the line, back. Again, it changes nothing."""
    done = await service.cancel(work, registration_id)
    return await shown(work, done.registration, done.found)


@router.post(f"{ONE}/confirm")
@operation(permission=REGISTRATIONS_CONFIRM, problems=[ILLEGAL_TRANSITION])
async def confirm_registration(registration_id: UUID, work: Write) -> RegistrationPublic:
    """Say that you still come to an activity that was moved. Again, it changes nothing."""
    done = await service.confirm(work, registration_id)
    return await shown(work, done.registration, done.found)


@router.post("/v1/registrations/assign", status_code=200)
@operation(permission=REGISTRATIONS_ASSIGN, problems=[ILLEGAL_TRANSITION])
async def assign_registrations(body: AssignCreate, work: Write, response: Response) -> ActivityPublic:
    """Expect members at an activity, beyond its capacity if need be. Who cannot come asks for leave."""
    found = await assigning.assign(work, body)
    set_etag(response, found.activity.version)
    return await activity_shown(work, found)


@router.post(f"{ONE}/leave-request")
@operation(permission=REGISTRATIONS_ASK_LEAVE, problems=[ILLEGAL_TRANSITION])
async def ask_for_leave(registration_id: UUID, body: ReasonGiven, work: Write) -> RegistrationPublic:
    """Ask for leave from an activity that you are assigned to, until seven days after its end."""
    done = await assigning.ask_leave(work, registration_id, body)
    return await shown(work, done.registration, done.found)


@router.post(f"{ONE}/decide-leave")
@operation(permission=REGISTRATIONS_EXCUSE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def decide_leave(registration_id: UUID, body: LeaveDecide, work: Write) -> RegistrationPublic:
    """Excuse a member who asked for leave, or do not."""
    done = await assigning.decide_leave(work, registration_id, body)
    return await shown(work, done.registration, done.found)


@router.get("/v1/activities/{activity_id}/waitlist")
@operation(permission=REGISTRATIONS_LIST)
async def read_waitlist(activity_id: UUID, work: Read) -> WaitlistPublic:
    """Read how many wait, and why nobody of them is given a seat."""
    activity = (await seen_activity(work, activity_id, of=REGISTRATIONS_LIST)).activity
    return WaitlistPublic(**activity.model_dump(), held_by=held_by(activity, work.now))
