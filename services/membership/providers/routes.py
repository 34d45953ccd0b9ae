"""Logging in by a provider, over HTTP. None of these honours Idempotency-Key: their answers are secrets, or good once."""

from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import Problem
from chassis.runtime import Runtime
from chassis.web.dependencies import CallerDep, RuntimeDep
from chassis.web.media import JSON, preferred
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page
from services.membership.identities.problems import IDENTITY_TAKEN
from services.membership.permissions import IDENTITIES_OWN, PROVIDERS_LOGIN
from services.membership.privacy.problems import PRIVACY_NOTICE_NOT_AGREED
from services.membership.providers import ending, returning, rules
from services.membership.providers.beginning import COOKIE_PATH, Sent, begin, cookie_name, too_many
from services.membership.providers.kinds import providers
from services.membership.providers.problems import (
    IDENTITY_LINK_FIRST,
    IDENTITY_UNKNOWN,
    LOGIN_CODE_INVALID,
    LOGIN_STATE_INVALID,
    LOGOUT_REFUSED,
    PROVIDER_PROVES_NOTHING,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
)
from services.membership.providers.schemas import (
    AuthorizationCreate,
    AuthorizationPublic,
    LinkCreate,
    LogoutNotice,
    ProviderNames,
    ProviderPublic,
    ProviderSessionCreate,
)
from services.membership.second_factors.problems import SECOND_FACTOR_NEEDED
from services.membership.sessions.problems import ACCOUNT_INACTIVE
from services.membership.sessions.routes import answer_with_tokens, set_refresh_cookie
from services.membership.sessions.schemas import SessionTokens

router = api_router(tags=["Providers"])

Code = Annotated[str, Path(max_length=32)]
_Said = Annotated[str | None, Query(max_length=4096)]
_KEEPS_OUT = [
    LOGIN_STATE_INVALID,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
    IDENTITY_UNKNOWN,
    IDENTITY_LINK_FIRST,
    IDENTITY_TAKEN,
    ACCOUNT_INACTIVE,
    SECOND_FACTOR_NEEDED,
    PRIVACY_NOTICE_NOT_AGREED,
]
ONWARD: dict[int | str, dict[str, Any]] = {303: {"description": "The browser goes on to the app."}}


@router.get("/v1/providers")
@operation(permission=PROVIDERS_LOGIN)
async def list_providers(runtime: RuntimeDep) -> Page[ProviderPublic]:
    """List the ways to log in by company account, as a log-in page shows them. Needs no log-in."""
    return Page(
        items=[
            ProviderPublic(
                code=one.code,
                names=ProviderNames(zh=one.names["zh-CN"], en=one.names["en"]),
                steps_up=one.proves_again,
            )
            for one in providers(runtime).values()
        ]
    )


@router.post("/v1/providers/{provider}/authorizations", status_code=201)
@operation(permission=PROVIDERS_LOGIN, idempotent=False, problems=[PROVIDER_UNAVAILABLE], located=False)
async def begin_provider_login(
    provider: Code, body: AuthorizationCreate, runtime: RuntimeDep, request: Request, response: Response
) -> AuthorizationPublic:
    """Begin to log in by company account: the answer says where to send the browser.

    The answer sets a cookie in the browser that began: no other can come back with this log-in, and it only once.
    """
    sent = await begin(
        runtime,
        provider,
        return_to=body.return_to,
        transport=body.transport,
        notice_version=body.privacy_notice_version,
    )
    return _sent(sent, request, response)


@router.post("/v1/providers/{provider}/link", status_code=201)
@operation(permission=IDENTITIES_OWN, idempotent=False, problems=[PROVIDER_UNAVAILABLE], located=False, step_up=True)
async def begin_provider_link(
    provider: Code, body: LinkCreate, caller: CallerDep, runtime: RuntimeDep, request: Request, response: Response
) -> AuthorizationPublic:
    """Begin to link a company account to yourself: the answer says where to send the browser."""
    sent = await begin(runtime, provider, return_to=body.return_to, transport="cookie", caller=caller)
    return _sent(sent, request, response)


@router.post("/v1/providers/{provider}/step-up", status_code=201)
@operation(
    permission=IDENTITIES_OWN,
    idempotent=False,
    problems=[PROVIDER_PROVES_NOTHING, PROVIDER_UNAVAILABLE],
    located=False,
)
async def begin_provider_step_up(
    provider: Code, body: LinkCreate, caller: CallerDep, runtime: RuntimeDep, request: Request, response: Response
) -> AuthorizationPublic:
    """Begin to prove again who you are by your company account: the answer says where to send the browser.

    The provider asks for your password there, whether or not you are logged in. The browser comes back with `proved` in its address: refresh your token.
    """
    sent = await begin(runtime, provider, return_to=body.return_to, transport="cookie", caller=caller, again=True)
    return _sent(sent, request, response)


@router.get("/v1/providers/{provider}/callback", status_code=303, response_class=Response, responses=ONWARD)
@operation(permission=PROVIDERS_LOGIN, problems=_KEEPS_OUT, foreign_query=True)
async def return_from_provider(
    provider: Code,
    runtime: RuntimeDep,
    request: Request,
    state: Annotated[str, Query(min_length=1, max_length=128)],
    code: _Said = None,
    auth_code: Annotated[str | None, Query(alias="authCode", max_length=4096)] = None,
    error: _Said = None,
    iss: _Said = None,
) -> Response:
    """Come back from the provider: the browser is let in and sent on to the app.

    With `transport: cookie` it has the refresh token in its cookie: refresh. With `body` the app finds `login_code` in its address
    (`POST /v1/providers/{provider}/sessions`), after linking `linked`, after a step-up `proved`. What keeps somebody out is a problem; a browser, which asks for `text/html`,
    is sent back to the app with its code as `login_error`. DingTalk says `authCode` for `code`; whatever else a provider adds is passed over.
    """
    request_id = getattr(request.state, "request_id", None)
    came = returning.CameBack(
        provider=provider,
        state=state,
        code=(code or auth_code) if error is None else None,
        issuer=iss,
        user_agent=request.headers.get("user-agent"),
        request_id=request_id,
    )
    begun: rules.Begun | None = None
    try:
        begun = returning.begun_in(runtime, came, dict(request.cookies))
        entered = await returning.come_back(runtime, begun, came)
    except Problem as problem:
        if preferred(request.headers.get("accept"), [JSON, "text/html"]) == JSON:
            raise
        return_to = begun.return_to if begun else "/"
        return _onward(_app(runtime, return_to, login_error=problem.type.code))
    return _go_on(runtime, entered)


@router.post("/v1/providers/{provider}/sessions", status_code=201)
@operation(permission=PROVIDERS_LOGIN, idempotent=False, problems=[LOGIN_CODE_INVALID, ACCOUNT_INACTIVE], located=False)
async def create_provider_session(
    provider: Code, body: ProviderSessionCreate, runtime: RuntimeDep, request: Request, response: Response
) -> SessionTokens:
    """Fetch the session of a log-in by company account, once and within two minutes of it.

    The session ends after twelve hours at most, sooner if the provider says that its own is over.
    """
    tokens = await returning.fetch(
        runtime,
        provider,
        body.login_code,
        body.verifier,
        user_agent=request.headers.get("user-agent"),
        request_id=getattr(request.state, "request_id", None),
    )
    return answer_with_tokens(response, tokens)


@router.post("/v1/providers/{provider}/logout", status_code=200, response_class=Response)
@operation(
    permission=PROVIDERS_LOGIN,
    idempotent=False,
    problems=[LOGOUT_REFUSED, PROVIDER_UNAVAILABLE],
    form=("logout_token",),
)
async def end_provider_sessions(provider: Code, body: LogoutNotice, runtime: RuntimeDep, request: Request) -> Response:
    """Be told by the provider that a log-in there is over: sessions that it began here end.

    OpenID Connect Back-Channel Logout 1.0: the token is sent as a form (`application/x-www-form-urlencoded`), signed by the provider.
    """
    await ending.end(runtime, provider, body.logout_token, request_id=getattr(request.state, "request_id", None))
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


def _sent(sent: Sent, request: Request, response: Response) -> AuthorizationPublic:
    for left in too_many(request.cookies):
        response.delete_cookie(left, path=COOKIE_PATH, secure=True, httponly=True, samesite="lax")
    response.set_cookie(
        sent.cookie,
        sent.value,
        max_age=int(rules.BEGUN_LASTS.total_seconds()),
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"
    return AuthorizationPublic(authorization_url=sent.url, expires_at=sent.ends, verifier=sent.verifier)


def _go_on(runtime: Runtime, entered: returning.Entered) -> Response:
    response = _onward(_app(runtime, entered.begun.return_to, **entered.told))
    name = cookie_name(entered.begun.state)
    response.delete_cookie(name, path=COOKIE_PATH, secure=True, httponly=True, samesite="lax")
    if entered.tokens is not None:
        set_refresh_cookie(response, entered.tokens)
    return response


def _onward(address: str) -> Response:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept"}
    return RedirectResponse(address, status_code=303, headers=headers)


def _app(runtime: Runtime, return_to: str, **said: str) -> str:
    base = runtime.settings.app_url or runtime.settings.public_url or ""
    return rules.returned_to(base, return_to, **said)
