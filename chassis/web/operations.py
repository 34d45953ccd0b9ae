"""Operations: what stands around every endpoint, in one place and one order.

The order of refusals is the contract's: 413 body limit, 401 token, 429 (the gateway's), permission 403, then FastAPI's
validation 422, then the use case's own. FastAPI alone would read and judge the body first.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Message, Scope

from chassis.admission import Admission
from chassis.clock import Clock
from chassis.interpreting import Interpretations, Wanted
from chassis.locale import negotiate
from chassis.patience import patience
from chassis.problems import (
    BODY_TOO_LARGE,
    CURSOR_INVALID,
    FORBIDDEN,
    NOT_FOUND,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    UNAUTHENTICATED,
    ProblemType,
    problem_response,
)
from chassis.resolver import asking
from chassis.runtime import Runtime
from chassis.security.authority import StandingUnknown, check_before_reading
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.security.step_up import require_recent_proof
from chassis.web.actors import name_actors, names_actors
from chassis.web.declaration import Operation, extra, refusals
from chassis.web.dependencies import PROVIDERS, if_match, opens_later, opens_transaction, writes
from chassis.web.failures import problem_of
from chassis.web.forms import FORM, as_oauth, form_as_json, is_form, proves_itself
from chassis.web.gate import Taken, check_path, let_json_in
from chassis.web.idempotency import KEPT, Replay, claim_key
from chassis.web.pages import page_request
from chassis.web.providing import provider_of, providing
from chassis.web.uploads import received_upload

BODY_LIMIT = 1024 * 1024
"""Bytes of a request body where an operation does not say otherwise."""

MAX_QUESTIONS = 5
"""How many standings one request may have to ask membership for."""


Endpoint = Callable[..., Coroutine[Any, Any, Any]]


def operation(
    *,
    permission: Permission | None = None,
    public: bool = False,
    logged_in: bool = False,
    internal: bool = False,
    problems: Sequence[ProblemType] = (),
    idempotent: bool = True,
    max_body: int = BODY_LIMIT,
    existing: str = "",
    located: bool = True,
    media_types: Sequence[str] = (),
    form: Sequence[str] = (),
    remembered: timedelta = KEPT,
    guests: bool = False,
    conditional: bool = False,
    versioned: bool = False,
    untold: bool = False,
    step_up: bool = False,
    foreign_query: bool = False,
) -> Callable[[Endpoint], Endpoint]:
    """Declare an endpoint: the permission it needs, the problems of its own, whether a POST honours `Idempotency-Key`.

    Exactly one of `permission`, `public` (no token needed), `logged_in` (any token) and `internal` (another service's token)
    is given. Operations that answer with secrets say `idempotent=False`. What is answered with 200 where it is there already, and
    not made with 201, says when in `existing`. What is made without an address of its own is not `located`. What is no JSON has its
    `media_types`, and answers with a `Response`. `form` names what it takes as OAuth 2.0's form too, by HTTP Basic what a client proves.
    `remembered` is how long at least a repetition is answered like the first. `guests`: a guest may call it, for the activity that
    they were invited to, if the row of the permission has them, too; everything else refuses them, and what is public takes them for nobody.
    What is `conditional` has an ETag, and answers 304 to who has it. `versioned`: it says more than the thing that is edited, such as its
    secret, and has the ETag all the same.
    What is `untold` leaves no line in a log, no span and no key.
    `step_up`: people must have proved within the last five minutes who they are (`chassis/security/step_up.py`).
    `foreign_query`: other programs write the address, as a provider does where people come back, or add to it, as what people share
    links by does. Parameters that do not exist are passed over there (RFC 6749, 4.1.2), and refused everywhere else.
    """
    if sum((permission is not None, public, logged_in, internal)) != 1:
        raise ValueError("an operation has a permission, or is public, for anyone logged in, or internal")
    if guests and (permission is None or not permission.for_guests):
        raise ValueError("guests need a permission whose row has them")
    if step_up and (public or internal):
        raise ValueError("who proves again who they are has logged in")
    declared = Operation(
        permission=permission,
        public=public,
        problems=tuple(problems),
        idempotent=idempotent and not untold,
        max_body=max_body,
        logged_in=logged_in,
        internal=internal,
        existing=existing,
        located=located,
        media_types=tuple(one.partition(";")[0] for one in media_types),
        form=tuple(form),
        remembered=remembered,
        guests=guests,
        conditional=conditional,
        versioned=versioned,
        untold=untold,
        step_up=step_up,
        foreign_query=foreign_query,
    )

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.__operation__ = declared  # type: ignore[attr-defined]
        return endpoint

    return mark


def api_router(*, tags: list[str], prefix: str = "") -> APIRouter:
    """A router whose every route must be a declared operation."""
    return APIRouter(route_class=OperationRoute, tags=list(tags), prefix=prefix)


class OperationRoute(APIRoute):
    """A route that authenticates before it reads, replays repeated requests, and turns every failure into a problem."""

    operation: Operation

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        declared: Operation | None = getattr(endpoint, "__operation__", None)
        if declared is None:
            raise TypeError(f"{endpoint.__qualname__} is no declared operation")
        self.operation = declared
        methods: set[str] = set(options.get("methods") or {"GET"})
        summary, _, description = (endpoint.__doc__ or "").strip().partition("\n")
        if not summary:
            raise TypeError(f"{endpoint.__qualname__} has no summary")
        options["summary"] = options.get("summary") or summary.rstrip(".")
        options["description"] = options.get("description") or _dedent(description)
        options["operation_id"] = options.get("operation_id") or endpoint.__name__
        options["include_in_schema"] = options.get("include_in_schema", True) and not declared.internal
        # Where the endpoint opens sessions itself, there is no one transaction to keep the key in.
        begins = any(depends_on(endpoint, opening) for opening in (opens_transaction, opens_later, writes))
        self.honours_key = declared.idempotent and methods == {"POST"} and begins
        own = [CURSOR_INVALID] if depends_on(endpoint, page_request) else []
        own += [PRECONDITION_REQUIRED, PRECONDITION_FAILED] if depends_on(endpoint, if_match) else []
        self.refusals = refusals(declared, methods, own)
        options["responses"] = dict(options.get("responses") or {})
        if declared.existing:
            options["responses"][200] = {"description": declared.existing, "model": endpoint.__annotations__["return"]}
        if declared.media_types:
            options["responses"][200] = {"content": dict.fromkeys(declared.media_types, _BINARY)}
            options["response_class"] = Response
        if declared.conditional:
            options["responses"][304] = {"description": "It is what you have."}
        options["openapi_extra"] = extra(declared, self.honours_key) | (options.get("openapi_extra") or {})
        told = name_actors if names_actors(endpoint.__annotations__.get("return")) else None
        endpoint = providing(endpoint, PROVIDERS, first=claim_key if self.honours_key else None, last=told)
        super().__init__(path, endpoint, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette, which takes ten times as long to find that it is not this one; every request asks dozens."""
        return super().matches(scope) if self.path_regex.match(scope["path"]) else (Match.NONE, {})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with what stands around it."""
        return functools.partial(
            _handle,
            self.operation,
            Taken(self.dependant, foreign_query=self.operation.foreign_query),
            super().get_route_handler(),
        )


async def _caller_of(declared: Operation, request: Request) -> Caller | None:
    """Who calls; a guest is nobody in particular where nobody needs to log in."""
    caller: Caller | None = await request.app.state.runtime.verifier.authenticate(request.headers.get("authorization"))
    return None if declared.public and caller is not None and caller.kind == "guest" else caller


_BINARY = {"schema": {"type": "string", "format": "binary"}}

Handler = Callable[[Request], Awaitable[Response]]


async def _handle(declared: Operation, takes: Taken, original: Handler, request: Request) -> Response:
    caller: Caller | None = None
    by_form = bool(declared.form) and is_form(request)
    try:
        check_path(request)
        _limit_body(request, declared.max_body)
        if not (by_form and proves_itself(request)):
            caller = await _caller_of(declared, request)
        request.state.caller = caller
        request.state.operation = declared
        _check_caller(declared, caller, request.app.state.runtime.clock)
        # A file is read by the operation itself, when it knows that it may come.
        whole = request.method not in _WITHOUT_BODY and declared.max_body <= BODY_LIMIT
        if whole:
            # Before any session is opened: somebody who sends slowly must not keep others from writing.
            await request.body()
        with patience():
            async with _place(declared, request):
                if by_form:
                    request = await form_as_json(request, declared.form)
                elif whole:
                    await let_json_in(request, wanted=takes.json, also=[FORM] if declared.form else [])
                takes.check(request)
                response = await _with_known_standing(original, request)
    except Replay as replay:
        return replay.response()
    except ClientDisconnect:
        return Response(status_code=499)
    except Exception as error:  # noqa: BLE001 - every failure of an operation is answered with a problem
        locale = negotiate(request.headers.get("accept-language"))
        problem = problem_of(error, request.app.state.runtime.metadata)
        if by_form:
            problem = as_oauth(problem, request)
        return problem_response(problem, locale, getattr(request.state, "request_id", None))
    finally:
        if (upload := received_upload(request)) is not None:
            upload.close()
    if caller is not None and "cache-control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if response.status_code == _NO_CONTENT and "content-type" in response.headers:
        # FastAPI says of nothing that it is JSON.
        del response.headers["content-type"]
    return response


_NO_CONTENT = 204


_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


def _place(declared: Operation, request: Request) -> AbstractAsyncContextManager[None]:
    """A place among the few requests of the caller that are at work at once: who sends dozens waits for their own, and nobody else does.

    Taken before anything that costs. Other services need no place, nor do files, which come slowly.
    """
    caller: Caller | None = request.state.caller
    if caller is None or declared.internal or declared.max_body > BODY_LIMIT:
        return nullcontext()
    admission: Admission = request.app.state.runtime.admission
    return admission.at_work(caller.actor)


def _check_caller(declared: Operation, caller: Caller | None, clock: Clock) -> None:
    """What the token alone decides."""
    if caller is not None and caller.kind == "guest" and not declared.guests:
        raise FORBIDDEN()
    if declared.permission is not None:
        check_before_reading(caller, declared.permission)
    elif caller is None and not declared.public:
        raise UNAUTHENTICATED(headers={"WWW-Authenticate": "Bearer"})
    if declared.internal and (caller is None or caller.kind != "service" or "internal" not in caller.scopes):
        raise NOT_FOUND()
    if declared.step_up:
        require_recent_proof(caller, clock())


async def _with_known_standing(original: Handler, request: Request) -> Response:
    """Run the endpoint. If its service does not know the caller's standing, ask membership and run the endpoint again.

    A use case may ask about more than one community, hence more than once; never twice about the same, but to hear whether the rules are
    acknowledged now.
    """
    asked: set[tuple[UUID | None, UUID, bool]] = set()
    runtime: Runtime = request.app.state.runtime
    unit = functools.partial(_in_one_unit_of_work, original, request)
    with Interpretations(runtime.interpreting, _actor(request)) as interpretations, asking():
        while True:
            try:
                return await runtime.lines.run(unit)
            except StandingUnknown as unknown:
                question = (unknown.person_id, unknown.community_id, unknown.anew)
                if question in asked or len(asked) >= MAX_QUESTIONS:
                    raise
                asked.add(question)
                await runtime.resolver.resolve(unknown)
            except Wanted as wanted:
                await interpretations.find(wanted)


def _actor(request: Request) -> str:
    caller: Caller | None = request.state.caller
    return caller.actor if caller is not None else ""


async def _in_one_unit_of_work(original: Handler, request: Request) -> Response:
    """Run the endpoint and end its sessions: by a commit when there is an answer, undone when there is an exception.

    FastAPI would end them after this route's handler, for which a refusal is an answer like any other, and commit what a refused
    request had written by then.
    """
    async with AsyncExitStack() as unit:
        request.state.unit_of_work = unit
        request.state.session = None
        request.state.keyed = None
        response = await original(request)
        if request.state.keyed is not None:
            await request.state.keyed.remember(response)
    return response


def _limit_body(request: Request, limit: int) -> None:
    length = request.headers.get("content-length")
    if length is not None and "transfer-encoding" not in request.headers:
        if length.isdecimal() and int(length) > limit:
            raise BODY_TOO_LARGE(limit=limit)
        return
    receive, received = request.receive, 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BODY_TOO_LARGE(limit=limit)
        return message

    request._receive = counted  # noqa: SLF001 - the one way to count what will be read


def depends_on(endpoint: Endpoint, dependency: Callable[..., Any]) -> bool:
    """Whether an endpoint asks for this dependency by the annotation of a parameter."""
    return any(provider_of(annotation) is dependency for annotation in inspect.get_annotations(endpoint).values())


def _dedent(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
