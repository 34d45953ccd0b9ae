"""Batches: up to 500 things in one request. Each is handled like a request of its own."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.runtime import Runtime
from chassis.security.authority import StandingUnknown
from chassis.security.caller import Caller
from chassis.web.failures import problem_of
from chassis.web.schemas import ResponseModel

MAX_ITEMS = 500


class BatchItem(ResponseModel):
    """The result for one thing: an HTTP status, and the problem if it was refused."""

    id: UUID
    status: int
    problem: dict[str, Any] | None = None
    result: Any = None


class BatchResult(ResponseModel):
    """One item for each id, in the order of the request."""

    items: list[BatchItem]


async def run_batch(
    runtime: Runtime,
    caller: Caller,
    ids: Sequence[UUID],
    apply: Callable[[AsyncSession, UUID], Awaitable[Any]],
    *,
    locale: Locale,
    request_id: str | None = None,
    status: int = 200,
) -> BatchResult:
    """Run a use case for each id, each in its own transaction. A refusal of one does not affect the others."""
    items = []
    for id_ in dict.fromkeys(ids):
        try:
            result = await _run_one(runtime, caller, id_, apply, request_id)
        except Exception as error:  # noqa: BLE001 - one item's failure is that item's answer
            problem = problem_of(error, locale, runtime.metadata)
            items.append(BatchItem(id=id_, status=problem.type.status, problem=problem.as_json(locale)))
        else:
            items.append(BatchItem(id=id_, status=status, result=result))
    return BatchResult(items=items)


async def _run_one(
    runtime: Runtime,
    caller: Caller,
    id_: UUID,
    apply: Callable[[AsyncSession, UUID], Awaitable[Any]],
    request_id: str | None,
) -> Any:
    """Run one item in its transaction. If the caller's standing is unknown, ask membership and run the item again.

    The whole batch must not run again: the items before this one are committed already.
    """
    try:
        async with runtime.database.transaction(actor=caller.actor, request_id=request_id) as session:
            return await apply(session, id_)
    except StandingUnknown as unknown:
        await runtime.resolver.resolve(unknown)
    async with runtime.database.transaction(actor=caller.actor, request_id=request_id) as session:
        return await apply(session, id_)
