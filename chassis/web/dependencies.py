"""What an endpoint asks for by type: sessions, the caller, the moment, a precondition."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from chassis.database.context import SYSTEM_ACTOR
from chassis.first_sight import Look
from chassis.locale import Locale, negotiate
from chassis.runtime import Runtime
from chassis.security.caller import Caller
from chassis.service import RunningService
from chassis.web.etags import version_in
from chassis.web.idempotency import HEADER, claim_key, keyed_request
from chassis.web.providing import Provider
from chassis.web.work import Work

ReadAtFirst = Callable[[Sequence[UUID], Look], Awaitable[Mapping[UUID, Any]]]


async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _maybe_caller(request: Request) -> Caller | None:
    caller: Caller | None = request.state.caller
    return caller


async def _now(request: Request) -> datetime:
    runtime: Runtime = request.app.state.runtime
    return runtime.clock()


async def _locale(request: Request) -> Locale:
    return negotiate(request.headers.get("accept-language"))


async def opens_transaction(request: Request) -> AsyncSession:
    """The session of the request's unit of work, with its idempotency key, if it has one."""
    runtime: Runtime = request.app.state.runtime
    caller: Caller | None = request.state.caller
    session = await _opened(
        request,
        runtime.database.transaction(
            actor=caller.actor if caller else SYSTEM_ACTOR,
            request_id=request.state.request_id,
        ),
    )
    if caller is not None and HEADER in request.headers:
        route = request.scope["route"]
        if route.honours_key:
            await keyed_request(request, session, caller, route.operation_id)
    return session


async def opens_later(request: Request) -> Callable[[], Awaitable[AsyncSession]]:
    """How to open that session, for who has slow work to do first."""

    async def begin() -> AsyncSession:
        session = await opens_transaction(request)
        await claim_key(request)
        return session

    return begin


async def _at_first(request: Request) -> ReadAtFirst:
    async def read(ids: Sequence[UUID], look: Look) -> Mapping[UUID, Any]:
        if not hasattr(request.state, "at_first"):
            unit: AsyncExitStack = request.state.unit_of_work
            runtime: Runtime = request.app.state.runtime
            seeing = runtime.first_sight.of(runtime.database, ids, look)
            request.state.at_first = await unit.enter_async_context(seeing)
        seen: Mapping[UUID, Any] = request.state.at_first
        return seen

    return read


async def _reading(request: Request) -> AsyncSession:
    runtime: Runtime = request.app.state.runtime
    return await _opened(request, runtime.database.reading(request_id=request.state.request_id))


async def _opened(request: Request, session: AbstractAsyncContextManager[AsyncSession]) -> AsyncSession:
    """A session that ends with the operation's unit of work, before the response is sent."""
    unit: AsyncExitStack = request.state.unit_of_work
    request.state.session = opened = await unit.enter_async_context(session)
    return opened


async def writes(request: Request) -> Work:
    """A transaction at work."""
    return _at_work(request, await opens_transaction(request))


async def _reads(request: Request) -> Work:
    return _at_work(request, await _reading(request))


def _at_work(request: Request, session: AsyncSession) -> Work:
    runtime: Runtime = request.app.state.runtime
    return Work(session, runtime.clock(), request.state.caller, request.scope["route"].operation.permission)


async def if_match(
    value: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The `ETag` that you read; `*` is whichever there is. Without it, the answer is 428.",
        ),
    ] = None,
) -> int:
    return version_in(value)


RuntimeDep = Annotated[Runtime, Depends(_runtime)]
"""The running service: for endpoints that open sessions themselves, because a refusal must change state."""

RunningDep = Annotated[RunningService, Depends(_runtime)]
"""The running service with everything that it is made of, for the operations that every service has."""

CallerDep = Annotated[Caller, Depends(_caller)]
"""The authenticated caller."""

MaybeCaller = Annotated[Caller | None, Depends(_maybe_caller)]
"""The caller of a public operation, who need not have logged in."""

Now = Annotated[datetime, Depends(_now)]
"""The moment of the request, aware and in UTC."""

Localised = Annotated[Locale, Depends(_locale)]
"""The language the reader wants."""

Transaction = Annotated[AsyncSession, Depends(opens_transaction)]
"""A session whose work is committed before the response is sent: a commit that fails is an error, never a 201."""

LaterTransaction = Annotated[Callable[[], Awaitable[AsyncSession]], Depends(opens_later)]
"""The same, begun when it is called: for operations that read a file first, which would keep everybody else from writing."""

AtFirst = Annotated[ReadAtFirst, Depends(_at_first)]
"""What a query found of these things when the request came, before it waited for any lock, however often its unit of work runs. Ask
before you begin a `LaterTransaction`; see `chassis.first_sight`."""

Reading = Annotated[AsyncSession, Depends(_reading)]
"""A session that only reads."""

Write = Annotated[Work, Depends(writes)]
"""A `Transaction` with the caller, the moment and the operation's permission: what a use case works with."""

Read = Annotated[Work, Depends(_reads)]
"""The same with a session that only reads."""

IfMatch = Annotated[int, Depends(if_match)]
"""The version in `If-Match`, for `require_match`, which refuses its absence with 428 once the object is known to be visible."""

PROVIDERS: frozenset[Provider] = frozenset(
    {
        _runtime,
        _caller,
        _maybe_caller,
        _now,
        _locale,
        opens_transaction,
        opens_later,
        _at_first,
        _reading,
        writes,
        _reads,
    }
)
"""What an operation fills in itself; see `chassis.web.providing`."""
