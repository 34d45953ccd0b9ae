"""Jobs: long work in the background, in steps, each of which is one transaction of work and progress together.

A job that is killed goes on at the step after the last one committed. One worker holds it by a lease that each step renews;
a worker paused past its lease finds, at its next step, that the job is no longer its own, and changes nothing.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, case, delete, func, insert, literal, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import in_thread
from chassis.chunks import Chunks
from chassis.database.context import SYSTEM_ACTOR, context_of
from chassis.database.statements import Prepared
from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.security.caller import Caller
from chassis.text import without_contacts

log = logging.getLogger("qunxue.jobs")

LEASE = timedelta(seconds=60)
LONGEST_LEASE = 5 * LEASE
"""Nobody has a lease for so long, however little two clocks agree: one that is longer was given before the clock was set back."""
LIMIT = timedelta(hours=1)
"""How long a job may take at one go where its kind says nothing else."""
MOST_ERRORS = 10_000
"""How many errors of rows a job keeps; it counts all."""
UNDER_WAY = ("queued", "running")
TERMINAL = ("succeeded", "failed", "cancelled")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class JobCancelled(Exception):
    """Somebody cancelled the job; what its steps have committed stays."""


class JobInterrupted(Exception):
    """The worker is stopping; the job goes on where it stands when the next one starts."""


class LeaseLost(Exception):
    """Another worker has taken the job over; this one must stop at once."""


class JobFailed(Exception):
    """The job cannot be done, and trying again would not help. The message is shown to whoever started it."""


@dataclass
class JobRun:
    """One job as its function sees it."""

    id: UUID
    kind: str
    params: Mapping[str, Any]
    started_by: str
    community_id: UUID | None
    done: int
    """How many rows earlier steps have dealt with, failures included: go on there."""
    failed: int
    total: int | None
    runtime: Runtime
    owner: str
    started_at: datetime
    stop: asyncio.Event | None = None
    result: dict[str, Any] = field(default_factory=dict)
    """What the job tells at its end; kept with each step, so that a job that goes on still knows what it counted before."""
    _advanced: int = 0
    _failed: int = 0
    _errors: list[dict[str, Any]] = field(default_factory=list)

    async def content(self) -> bytes:
        """What was uploaded with the job; empty without."""
        async with self.runtime.database.reading() as session:
            inputs = context_of(session).tables.chassis.job_inputs
            upload = (
                await session.execute(select(inputs.c.content).where(inputs.c.job_id == self.id))
            ).scalar_one_or_none()
        return b"" if upload is None else await in_thread(lambda: zlib.decompress(upload), stop=self.stop)

    def advance(self, *, done: int = 0, failed: int = 0) -> None:
        """Count rows dealt with in this step: `done` well, `failed` with an error."""
        self._advanced += done + failed
        self._failed += failed

    def error(self, row: int, code: str, text: str, column: str | None = None) -> None:
        """Note what is wrong with a row, numbered as its reader would, and in which column; kept with this step, of the first 10,000 rows with any.

        The file goes when the job ends, its errors stay: so no e-mail or phone of it may stand in them.
        """
        if self.failed < MOST_ERRORS:
            self._errors.append(
                {"job_id": self.id, "row": row, "code": code, "text": without_contacts(text), "column": column}
            )

    @asynccontextmanager
    async def step(self) -> AsyncIterator[AsyncSession]:
        """One transaction of work and progress.

        Raises `JobCancelled`, `JobInterrupted` or `LeaseLost` before any work is done; let them pass.
        """
        if self.stop is not None and self.stop.is_set():
            raise JobInterrupted
        self._advanced, self._failed, self._errors = 0, 0, []
        async with self.runtime.database.transaction(actor=self.started_by, request_id=None) as session:
            now = self.runtime.clock()
            await self.hold(session, now)
            yield session
            await self._keep_progress(session, now)
        self.done += self._advanced
        self.failed += self._failed

    async def in_steps(self, piece: Callable[[AsyncSession, int], Awaitable[bool]], *, first: int, most: int) -> None:
        """A piece of work in each step, of as many things as are soon done, so that others write meanwhile.

        `piece` takes how many it may do, and answers whether another one follows.
        """
        chunks, more = Chunks(first, most), True
        while more:
            with chunks.timed() as size:
                async with self.step() as session:
                    more = await piece(session, size)

    async def hold(self, session: AsyncSession, now: datetime) -> None:
        """Keep the job for another lease. Raises `JobCancelled` or `LeaseLost` where it is no longer ours."""
        jobs = context_of(session).tables.chassis.jobs
        held = (
            await session.execute(
                update(jobs)
                .where(and_(jobs.c.id == self.id, jobs.c.state == "running", jobs.c.lease_owner == self.owner))
                .values(lease_until=now + LEASE)
                .returning(jobs.c.id)
            )
        ).first()
        if held is not None:
            return
        state = (await session.execute(select(jobs.c.state).where(jobs.c.id == self.id))).scalar_one_or_none()
        raise JobCancelled() if state == "cancelled" else LeaseLost()

    async def _keep_progress(self, session: AsyncSession, now: datetime) -> None:
        tables = context_of(session).tables.chassis
        if self._errors:
            await session.execute(insert(tables.job_errors), self._errors)
        await session.execute(
            update(tables.jobs)
            .where(tables.jobs.c.id == self.id)
            .values(
                done=self.done + self._advanced,
                failed=self.failed + self._failed,
                total=self.total,
                result=self.result or None,
                lease_until=now + LEASE,
                # A job that makes progress may be interrupted any number of times; one that kills its worker at the same row may not.
                attempts=1 if self._advanced else tables.jobs.c.attempts,
            )
        )


JobFunction = Callable[[JobRun], Awaitable[None]]


@dataclass(frozen=True)
class JobKind:
    """How jobs of one kind are done, and how long one may take before it is ended."""

    function: JobFunction
    limit: timedelta


class Jobs:
    """A service's job functions by kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, JobKind] = {}

    def kind(self, name: str, *, limit: timedelta = LIMIT) -> Callable[[JobFunction], JobFunction]:
        """Register the function that does jobs of this kind. It may be started again after a crash: see `JobRun.done`."""

        def register(function: JobFunction) -> JobFunction:
            self._add(name, JobKind(function, limit))
            return function

        return register

    def include(self, *others: "Jobs") -> "Jobs":
        """Take over the functions of a service's features; returns itself."""
        for other in others:
            for name, kind in other.kinds.items():
                self._add(name, kind)
        return self

    def _add(self, name: str, kind: JobKind) -> None:
        if name in self.kinds:
            raise ValueError(f"job kind {name!r} is registered twice")
        self.kinds[name] = kind

    async def next_start(self, session: AsyncSession, now: datetime) -> datetime | None:
        """When there is a job to run: in the past if one waits, at the end of its lease if one may be abandoned."""
        statements = _statements(context_of(session).tables.chassis.jobs)
        return await statements.next_start.one(session, kinds=list(self.kinds), latest=now + LONGEST_LEASE)


class _Statements:
    """Of one table of jobs."""

    def __init__(self, jobs: Table) -> None:
        latest = bindparam("latest", type_=jobs.c.lease_until.type)
        at_once = or_(jobs.c.state == "queued", jobs.c.lease_until > latest)
        # Not when it was queued: that was told by a clock that may have been ahead of this one.
        start = case((at_once, literal(_LONG_AGO, jobs.c.created_at.type)), else_=jobs.c.lease_until)
        first = select(func.min(start)).where(jobs.c.state.in_(UNDER_WAY))
        self.next_start: Prepared[datetime | None] = Prepared(lambda on: first.where(on.among(jobs.c.kind, "kinds")))


_statements = lru_cache(maxsize=64)(_Statements)


def packed(content: bytes) -> bytes:
    """A file as a job keeps it; slow, so make it in a thread and before the transaction."""
    return zlib.compress(content, 1)


async def own_jobs(
    session: AsyncSession, kind: str, *, caller: Caller | None, community_id: UUID | None
) -> dict[UUID, dict[str, Any]]:
    """The jobs of a kind that the caller started for a community and that have not ended: the parameters of each by its id.

    Whoever asks in order to start none twice holds a lock of their own meanwhile.
    """
    jobs = context_of(session).tables.chassis.jobs
    found = select(jobs.c.id, jobs.c.params).where(
        jobs.c.kind == kind,
        jobs.c.community_id == community_id,
        jobs.c.started_by == (caller.actor if caller is not None else SYSTEM_ACTOR),
        jobs.c.state.in_(UNDER_WAY),
    )
    return {UUID(str(row.id)): row.params for row in await session.execute(found)}


async def is_queued(session: AsyncSession, kind: str, *, or_running: bool = False) -> bool:
    """Whether a job of this kind waits: it has yet to read whatever there is by then. One that runs may have read already."""
    jobs = context_of(session).tables.chassis.jobs
    states = UNDER_WAY if or_running else ("queued",)
    found = select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.state.in_(states)).limit(1)
    return (await session.execute(found)).first() is not None


async def start_job(
    session: AsyncSession,
    kind: str,
    params: Mapping[str, Any],
    *,
    caller: Caller | None,
    now: datetime,
    upload: bytes | None = None,
    community_id: UUID | None = None,
    total: int | None = None,
) -> UUID:
    """Queue a job in the request's transaction; the worker does it once that is committed. Returns its id.

    `caller` is None for what the system does by itself, after a message or by the clock.
    `upload` is what `packed` made of the file.
    """
    context = context_of(session)
    tables = context.tables.chassis
    job_id = new_id()
    await session.execute(
        insert(tables.jobs).values(
            id=job_id,
            kind=kind,
            state="queued",
            params=dict(params),
            community_id=community_id,
            started_by=caller.actor if caller is not None else SYSTEM_ACTOR,
            request_id=context.request_id,
            done=0,
            failed=0,
            total=total,
            created_at=now,
        )
    )
    if upload is not None:
        await session.execute(insert(tables.job_inputs).values(job_id=job_id, content=upload))
    context.job_started = True
    return job_id


async def cancel_job(session: AsyncSession, job_id: UUID, now: datetime) -> bool:
    """Cancel a job that has not ended; its running step is the last. False when it had ended already."""
    tables = context_of(session).tables.chassis
    cancelled = await session.execute(
        update(tables.jobs)
        .where(and_(tables.jobs.c.id == job_id, tables.jobs.c.state.not_in(TERMINAL)))
        .values(state="cancelled", finished_at=now)
        .returning(tables.jobs.c.id)
    )
    if cancelled.first() is None:
        return False
    await forget_input(session, job_id)
    return True


async def forget_input(session: AsyncSession, job_id: UUID) -> None:
    """What was uploaded is personal data, and large: it goes when nobody will read it again."""
    inputs = context_of(session).tables.chassis.job_inputs
    await session.execute(delete(inputs).where(inputs.c.job_id == job_id))
