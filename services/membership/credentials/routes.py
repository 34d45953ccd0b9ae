"""Activation and passwords over HTTP. None of these honours Idempotency-Key: their answers are secrets."""

from uuid import UUID

from fastapi import BackgroundTasks
from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import CallerDep, Now, RuntimeDep, Transaction
from chassis.web.operations import api_router, operation
from services.membership.credentials import by_mail, service
from services.membership.credentials.problems import (
    ALREADY_ACTIVATED,
    CODE_INVALID,
    LOGIN_FAILED,
    LOGIN_MUST_WAIT,
    NOT_ACTIVATED,
)
from services.membership.credentials.schemas import (
    Activated,
    Activation,
    OneTimeCodePublic,
    PasswordByCode,
    PasswordChange,
    PasswordResetRequest,
)
from services.membership.people.naming import as_written
from services.membership.permissions import PEOPLE_SELF, PEOPLE_WRITE
from services.membership.platform_roles.problems import ACCOUNT_PROTECTED
from services.membership.privacy.problems import PRIVACY_NOTICE_NOT_AGREED

router = api_router(tags=["Sessions"])


@router.post("/v1/people/{person_id}/activation", status_code=201)
@operation(
    permission=PEOPLE_WRITE,
    idempotent=False,
    problems=[ALREADY_ACTIVATED, ILLEGAL_TRANSITION, ACCOUNT_PROTECTED],
    located=False,
    step_up=True,
)
async def create_activation_code(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> OneTimeCodePublic:
    """Create the code with which a person sets their first password.

    The code is shown once and valid for 7 days. Any earlier code becomes invalid.
    """
    return await service.issue_activation(session, caller, person_id, now)


@router.post("/v1/people/{person_id}/password-reset-code", status_code=201)
@operation(
    permission=PEOPLE_WRITE,
    idempotent=False,
    problems=[NOT_ACTIVATED, ILLEGAL_TRANSITION, ACCOUNT_PROTECTED, CONFLICT_OF_INTEREST],
    located=False,
    step_up=True,
)
async def create_password_reset_code(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> OneTimeCodePublic:
    """Create the code with which a person sets a new password.

    Hand it to the person. The code is shown once and valid for one hour.
    """
    return await service.issue_password_reset(session, caller, person_id, now)


@router.post("/v1/activations", status_code=201)
@operation(public=True, idempotent=False, problems=[CODE_INVALID, PRIVACY_NOTICE_NOT_AGREED], located=False)
async def activate_account(body: Activation, runtime: RuntimeDep, request: Request) -> Activated:
    """Set your first password with the code you were given, and agree to the privacy notice."""
    person = await service.redeem(
        runtime,
        body.code,
        body.password,
        "activation",
        getattr(request.state, "request_id", None),
        notice_version=body.privacy_notice_version,
    )
    return Activated(person_id=person.id, display_name=as_written(person))


@router.post("/v1/password-resets", status_code=202, response_class=Response)
@operation(public=True, idempotent=False)
async def request_password_reset(
    body: PasswordResetRequest, runtime: RuntimeDep, background: BackgroundTasks
) -> Response:
    """Report that you lost your password. The answer is always 202.

    You are mailed a code, if the installation sends mail and you have an address. Otherwise administrators see the request and give you one
    (`POST /v1/people/{id}/password-reset-code`).
    """
    background.add_task(by_mail.ask_for_reset, runtime, body.login)
    return Response(status_code=202)


@router.post("/v1/password-resets/confirm", status_code=204)
@operation(public=True, idempotent=False, problems=[CODE_INVALID])
async def confirm_password_reset(body: PasswordByCode, runtime: RuntimeDep, request: Request) -> None:
    """Set a new password with the code you were given. All your sessions end."""
    await service.redeem(
        runtime, body.code, body.password, "password_reset", getattr(request.state, "request_id", None)
    )


@router.post("/v1/people/me/password", status_code=204)
@operation(permission=PEOPLE_SELF, idempotent=False, problems=[LOGIN_FAILED, LOGIN_MUST_WAIT])
async def change_own_password(body: PasswordChange, caller: CallerDep, runtime: RuntimeDep, request: Request) -> None:
    """Change your password. All your sessions end, including this one: log in again."""
    refusal = await service.change_password(
        runtime, caller, body.old_password, body.new_password, getattr(request.state, "request_id", None)
    )
    if refusal is not None:
        raise refusal
