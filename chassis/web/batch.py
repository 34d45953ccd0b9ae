"""Batches: up to 500 things in one request. Each is handled like a request of its own."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.errors import is_transient
from chassis.database.sessions import savepoint
from chassis.locale import Locale
from chassis.problems import NOT_FOUND, Problem
from chassis.runtime import Runtime
from chassis.security.authority import StandingUnknown
from chassis.security.caller import Caller
from chassis.web.failures import problem_of
from chassis.web.schemas import ProblemDocument, ResponseModel

MAX_ITEMS = 500
TOGETHER_SECONDS = 0.05
"""How long a batch keeps the one writer of SQLite before others may write."""

Apply = Callable[[AsyncSession, UUID], Awaitable[Any]]


class BatchItem(ResponseModel):
    """The result for one thing: an HTTP status, and the problem if it was refused."""

    id: UUID
    status: int
    problem: ProblemDocument | None = None
    result: Any = None


class BatchResult(ResponseModel):
    """One item for each id, in the order of the request."""

    items: list[BatchItem]


async def run_batch(
    runtime: Runtime,
    caller: Caller,
    ids: Sequence[UUID],
    apply: Apply,
    *,
    locale: Locale,
    of: type[SQLModel] | None = None,
    request_id: str | None = None,
    status: int = 200,
) -> BatchResult:
    """Run a use case for each id, each whole or not at all. A refusal of one does not affect the others.

    `of` is the table that the ids belong to, where anybody may know which ids exist: one statement then finds those that do not. One
    caller runs one batch at a time. Raises `RATE_LIMITED` and `UNAVAILABLE` if it waits too long for its turn.
    """
    batch = _Batch(runtime, caller, apply, locale, request_id, status)
    wanted = list(dict.fromkeys(ids))
    async with runtime.batches.turn(caller.actor):
        there = wanted if of is None else await batch.there(wanted, of.__table__)  # type: ignore[attr-defined]
        if runtime.database.is_sqlite:
            await batch.several_a_transaction(there)
        else:
            await batch.one_a_transaction(there)
    return BatchResult(items=[batch.items.get(id_) or batch.refused(id_, NOT_FOUND()) for id_ in wanted])


class _Batch:
    def __init__(
        self,
        runtime: Runtime,
        caller: Caller,
        apply: Apply,
        locale: Locale,
        request_id: str | None,
        status: int,
    ) -> None:
        self.items: dict[UUID, BatchItem] = {}
        self._runtime = runtime
        self._caller = caller
        self._apply = apply
        self._locale = locale
        self._request_id = request_id
        self._status = status

    def transaction(self) -> Any:
        return self._runtime.database.transaction(actor=self._caller.actor, request_id=self._request_id)

    async def there(self, ids: Sequence[UUID], table: Table) -> list[UUID]:
        async with self.transaction() as session:
            found = set((await session.execute(select(table.c.id).where(table.c.id.in_(ids)))).scalars())
        return [id_ for id_ in ids if id_ in found]

    def refused(self, id_: UUID, error: Exception) -> BatchItem:
        problem = problem_of(error, self._runtime.metadata)
        document = ProblemDocument.model_validate(problem.as_json(self._locale))
        return BatchItem(id=id_, status=problem.type.status, problem=document)

    def _done(self, id_: UUID, result: Any) -> BatchItem:
        return BatchItem(id=id_, status=self._status, result=result)

    async def one_a_transaction(self, ids: Sequence[UUID]) -> None:
        """PostgreSQL has many writers, and rows locked together in any order could wait for one another's."""
        for id_ in ids:
            try:
                self.items[id_] = self._done(id_, await self._alone(id_))
            except Exception as error:  # noqa: BLE001 - one item's failure is that item's answer
                self.items[id_] = self.refused(id_, error)

    async def _alone(self, id_: UUID) -> Any:
        """One item in its transaction; where the caller's standing is not known, membership is asked and the item begins anew.

        The whole batch must not: the items before it have their effect already.
        """
        try:
            return await self._runtime.lines.run(lambda: self._in_transaction(id_))
        except StandingUnknown as unknown:
            await self._runtime.resolver.resolve(unknown)
        return await self._runtime.lines.run(lambda: self._in_transaction(id_))

    async def _in_transaction(self, id_: UUID) -> Any:
        async with self.transaction() as session:
            return await self._apply(session, id_)

    async def several_a_transaction(self, ids: Sequence[UUID]) -> None:
        """SQLite has one writer, and each commit waits for the disk: what fits into a moment is committed together."""
        waiting, asked = deque(ids), set[UUID]()
        while waiting:
            unknown = await self._together(waiting)
            if unknown is None:
                continue
            id_ = waiting[0]
            try:
                if id_ in asked:
                    raise unknown
                asked.add(id_)
                await self._runtime.resolver.resolve(unknown)
            except Exception as error:  # noqa: BLE001 - one item's failure is that item's answer
                self.items[waiting.popleft()] = self.refused(id_, error)

    async def _together(self, waiting: deque[UUID]) -> StandingUnknown | None:
        """One transaction of the first of them, each behind a savepoint; returns what must be asked before the next one."""
        done: dict[UUID, BatchItem] = {}
        unknown: StandingUnknown | None = None
        try:
            async with self.transaction() as session:
                ends = monotonic() + TOGETHER_SECONDS
                while waiting and unknown is None and (not done or monotonic() < ends):
                    try:
                        done[waiting[0]] = await self._with_others(session, waiting[0])
                        waiting.popleft()
                    except StandingUnknown as error:
                        unknown = error
        except Exception as error:  # noqa: BLE001 - what was lost with the transaction is the answer of all that was in it
            if not done:
                done[waiting[0]] = self.refused(waiting.popleft(), error)
            done = {id_: self.refused(id_, error) for id_ in done}
        self.items |= done
        return unknown

    async def _with_others(self, session: AsyncSession, id_: UUID) -> BatchItem:
        """One item. Raises what concerns the whole transaction, and `StandingUnknown`."""
        try:
            async with savepoint(session):
                result = await self._apply(session, id_)
        except StandingUnknown:
            raise
        except Exception as error:
            if is_transient(error) and not isinstance(error, Problem):
                raise
            return self.refused(id_, error)
        return self._done(id_, result)
