"""Sessions over HTTP. None of these honours Idempotency-Key: their answers are secrets."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import NOT_FOUND, Problem
from chassis.web.dependencies import CallerDep, Now, Reading, RuntimeDep, Transaction
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page
from chassis.web.values import Moment
from services.membership.bootstrap_file import forget_initial_password
from services.membership.credentials.problems import (
    LOGIN_FAILED,
    LOGIN_MUST_WAIT,
)
from services.membership.credentials.proving import BEARER
from services.membership.people.access import require_active
from services.membership.permissions import PEOPLE_SELF
from services.membership.second_factors.problems import SECOND_FACTOR_FAILED, SECOND_FACTOR_NEEDED
from services.membership.sessions import rules, service
from services.membership.sessions.devices import device_of
from services.membership.sessions.login import log_in
from services.membership.sessions.problems import ACCOUNT_INACTIVE, REFRESH_INVALID, REFRESH_REUSED
from services.membership.sessions.rules import Verdict
from services.membership.sessions.schemas import (
    TRANSPORT,
    DevicePublic,
    LogIn,
    Refresh,
    RevocationPublic,
    Revocations,
    SessionPublic,
    SessionTokens,
    SteppedUpToken,
    StepUp,
    Transport,
)
from services.membership.sessions.stepping_up import step_up as prove_again

COOKIE = "qunxue_refresh"
COOKIE_PATH = "/v1/sessions"

router = api_router(tags=["Sessions"])


@router.post("/v1/sessions", status_code=201)
@operation(
    public=True,
    idempotent=False,
    problems=[LOGIN_FAILED, LOGIN_MUST_WAIT, ACCOUNT_INACTIVE, SECOND_FACTOR_NEEDED, SECOND_FACTOR_FAILED],
    located=False,
)
async def create_session(
    body: LogIn,
    runtime: RuntimeDep,
    request: Request,
    response: Response,
    transport: Annotated[
        Annotated[Transport, TRANSPORT], Query(description="`cookie` sends the refresh token in an HttpOnly cookie.")
    ] = "body",
) -> SessionTokens:
    """Log in.

    Who has a second factor sends a `code` too; without it, the right password is answered with `second_factor_needed`. After five failures, each further attempt must wait longer, up to 15 minutes. The access token is valid for 15 minutes.
    The refresh token expires after 30 days without use, and after 90 days in any case.
    """
    outcome = await log_in(
        runtime,
        body.login,
        body.password,
        code=body.code,
        transport=transport,
        user_agent=request.headers.get("user-agent"),
        request_id=getattr(request.state, "request_id", None),
    )
    if isinstance(outcome, Problem):
        raise outcome
    forget_initial_password(runtime.settings, body.password)
    return answer_with_tokens(response, outcome)


@router.post("/v1/sessions/refresh")
@operation(public=True, idempotent=False, problems=[REFRESH_INVALID, REFRESH_REUSED])
async def refresh_session(
    runtime: RuntimeDep, request: Request, response: Response, body: Refresh | None = None
) -> SessionTokens:
    """Exchange a refresh token for new tokens. Send it in the body or in the cookie.

    Use each refresh token once. A second use within 30 s gives new tokens again; a later one ends the session.
    """
    presented = (body.refresh_token if body else None) or request.cookies.get(COOKIE)
    if not presented:
        raise REFRESH_INVALID(headers=BEARER)
    async with runtime.database.transaction(request_id=getattr(request.state, "request_id", None)) as session:
        outcome = await service.refresh(session, runtime, presented, runtime.clock())
    if isinstance(outcome, Verdict):
        refusal = REFRESH_REUSED if outcome is Verdict.REUSED else REFRESH_INVALID
        raise refusal(headers=BEARER | {"Set-Cookie": _dead_cookie()})
    return answer_with_tokens(response, outcome)


@router.get("/v1/sessions")
@operation(permission=PEOPLE_SELF)
async def list_own_sessions(caller: CallerDep, session: Reading, now: Now) -> Page[SessionPublic]:
    """List your sessions, the last used first."""
    await require_active(session, caller)
    rows = await service.own_sessions(session, caller, now)
    return Page(
        items=[
            SessionPublic(
                id=row.id,
                started_at=row.started_at,
                last_used_at=row.last_used_at,
                transport=row.transport,
                user_agent=row.user_agent,
                device=DevicePublic.model_validate(device_of(row.user_agent), from_attributes=True),
                provider=row.provider,
                ends_at=row.ends_at,
                current=row.id == caller.session_id,
                ended_at=row.revoked_at,
                ended_because=row.revoked_because,
            )
            for row in rows
        ]
    )


@router.post("/v1/sessions/current/step-up")
@operation(
    permission=PEOPLE_SELF,
    idempotent=False,
    problems=[LOGIN_FAILED, LOGIN_MUST_WAIT, SECOND_FACTOR_NEEDED, SECOND_FACTOR_FAILED],
)
async def step_up(
    body: StepUp, caller: CallerDep, runtime: RuntimeDep, request: Request, response: Response
) -> SteppedUpToken:
    """Prove again who you are, for what asks for it (`step_up_required`).

    For five minutes the new access token does what needs it. What it is refreshed to says when you proved it, too.
    """
    outcome = await prove_again(
        runtime,
        caller,
        password=body.password,
        code=body.code,
        request_id=getattr(request.state, "request_id", None),
    )
    if isinstance(outcome, Problem):
        raise outcome
    response.headers["Cache-Control"] = "no-store"
    return SteppedUpToken(access_token=outcome.access_token, expires_in=outcome.expires_in, proved_at=outcome.proved_at)


@router.delete("/v1/sessions", status_code=204)
@operation(permission=PEOPLE_SELF)
async def delete_own_sessions(caller: CallerDep, session: Transaction, now: Now, response: Response) -> None:
    """Log out everywhere: end all your sessions."""
    await require_active(session, caller)
    await service.end_all(session, [caller.id], because="logged_out", now=now)
    response.headers["Set-Cookie"] = _dead_cookie()


@router.delete("/v1/sessions/current", status_code=204)
@operation(permission=PEOPLE_SELF)
async def delete_current_session(caller: CallerDep, session: Transaction, now: Now, response: Response) -> None:
    """Log out: end the session that this access token belongs to."""
    await _end_own(session, caller, caller.session_id, now)
    response.headers["Set-Cookie"] = _dead_cookie()


@router.delete("/v1/sessions/others", status_code=204)
@operation(permission=PEOPLE_SELF)
async def delete_other_sessions(caller: CallerDep, session: Transaction, now: Now) -> None:
    """Log out everywhere else: end all your sessions except the one that this access token belongs to."""
    await require_active(session, caller)
    await service.end_all(session, [caller.id], because="logged_out", now=now, but=caller.session_id)


@router.delete("/v1/sessions/{session_id}", status_code=204)
@operation(permission=PEOPLE_SELF)
async def delete_session(session_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> None:
    """End one of your sessions."""
    await _end_own(session, caller, session_id, now)


@router.get("/v1/revocations")
@operation(internal=True)
async def list_revocations(
    session: Reading,
    now: Now,
    after: Annotated[Moment | None, Query(description="`next` of the previous answer.")] = None,
) -> Revocations:
    """List the people and sessions whose access tokens were revoked in the last 20 minutes. The gateway polls this.

    A token of such a person or session is revoked if it was issued (`iat`) at or before `at`.
    """
    # A transaction that began earlier may commit later: what might have been missed is listed again.
    since = max(now - rules.REVOCATIONS_KEPT, (after or now - rules.REVOCATIONS_KEPT) - rules.REVOCATION_OVERLAP)
    rows = await service.revocations_since(session, since)
    return Revocations(
        items=[RevocationPublic.model_validate({"kind": row.kind, "id": row.subject_id, "at": row.at}) for row in rows],
        next=now.isoformat().replace("+00:00", "Z"),
    )


async def _end_own(session: Transaction, caller: CallerDep, session_id: UUID, now: datetime) -> None:
    await require_active(session, caller)
    family = await service.own_session(session, caller, session_id)
    if family is None:
        raise NOT_FOUND()
    await service.end(session, family, because="logged_out", now=now)


def set_refresh_cookie(response: Response, tokens: service.Tokens) -> None:
    """Have the browser keep the refresh token, where no script reads it."""
    response.set_cookie(
        COOKIE,
        tokens.refresh_token,
        max_age=tokens.cookie_seconds,
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="strict",
    )


def answer_with_tokens(response: Response, tokens: service.Tokens) -> SessionTokens:
    by_cookie = tokens.session.transport == "cookie"
    if by_cookie:
        set_refresh_cookie(response, tokens)
    response.headers["Cache-Control"] = "no-store"
    return SessionTokens(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in,
        refresh_token=None if by_cookie else tokens.refresh_token,
        session_id=tokens.session.id,
        person_id=tokens.session.person_id,
    )


def _dead_cookie() -> str:
    return f"{COOKIE}=; Max-Age=0; Path={COOKIE_PATH}; Secure; HttpOnly; SameSite=strict"
