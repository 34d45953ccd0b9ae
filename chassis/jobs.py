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
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.errors import is_transient
from chassis.ids import new_id
from chassis.problems import AUTHORITY_UNAVAILABLE, Problem
from chassis.runtime import Runtime
from chassis.security.authority import StandingUnknown
from chassis.security.caller import Caller

log = logging.getLogger("qunxue.jobs")

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_QUESTIONS = 100
TERMINAL = ("succeeded", "failed", "cancelled")


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
        return b"" if upload is None else await asyncio.to_thread(zlib.decompress, upload)

    def advance(self, *, done: int = 0, failed: int = 0) -> None:
        """Count rows dealt with in this step: `done` well, `failed` with an error."""
        self._advanced += done + failed
        self._failed += failed

    def error(self, row: int, code: str, text: str) -> None:
        """Note what is wrong with a row, numbered as its reader would; kept with this step."""
        self._errors.append({"job_id": self.id, "row": row, "code": code, "text": text})

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
            await self._hold(session, now)
            yield session
            await self._keep_progress(session, now)
        self.done += self._advanced
        self.failed += self._failed

    async def _hold(self, session: AsyncSession, now: datetime) -> None:
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


class Jobs:
    """A service's job functions by kind."""

    def __init__(self) -> None:
        self._functions: dict[str, JobFunction] = {}

    def kind(self, name: str) -> Callable[[JobFunction], JobFunction]:
        """Register the function that does jobs of this kind. It may be started again after a crash: see `JobRun.done`."""

        def register(function: JobFunction) -> JobFunction:
            if name in self._functions:
                raise ValueError(f"job kind {name!r} is registered twice")
            self._functions[name] = function
            return function

        return register

    def include(self, *others: "Jobs") -> "Jobs":
        """Take over the functions of a service's features; returns itself."""
        for other in others:
            for name, function in other._functions.items():  # noqa: SLF001 - of the same class
                self.kind(name)(function)
        return self

    async def run_next(self, runtime: Runtime, *, owner: str, stop: asyncio.Event | None = None) -> bool:
        """Do one job that waits or was abandoned, to its end; False when there is none."""
        run = await self._claim(runtime, owner)
        if run is None:
            return False
        run.stop = stop
        try:
            await self._run(run)
        except JobInterrupted:
            await self._release(run)
        except (JobCancelled, LeaseLost) as stopped:
            log.info("job left", extra={"job": str(run.id), "why": type(stopped).__name__})
        except JobFailed as failure:
            await self._end(run, "failed", str(failure))
        except Exception as error:
            if is_transient(error):
                # A broken connection, a busy database, membership out of reach: the job goes on when they are back.
                await self._release(run)
                raise
            if isinstance(error, Problem):
                # The same refusals as for a request, such as a file that is not a table.
                await self._end(run, "failed", str(error))
            else:
                log.exception("job failed", extra={"job": str(run.id), "kind": run.kind})
                await self._end(run, "failed", "internal_error")
        else:
            await self._end(run, "succeeded", None)
        return True

    async def _run(self, run: JobRun) -> None:
        """Do the job; where a step needs a standing that this service does not know, ask membership and go on there."""
        for _ in range(MAX_QUESTIONS):
            try:
                await self._functions[run.kind](run)
            except StandingUnknown as unknown:
                await run.runtime.resolver.resolve(unknown)
            else:
                return
        raise AUTHORITY_UNAVAILABLE()

    async def _claim(self, runtime: Runtime, owner: str) -> JobRun | None:
        now = runtime.clock()
        async with runtime.database.transaction() as session:
            jobs = context_of(session).tables.chassis.jobs
            free = or_(jobs.c.state == "queued", and_(jobs.c.state == "running", jobs.c.lease_until < now))
            row = (
                await session.execute(
                    select(jobs)
                    .where(and_(free, jobs.c.kind.in_(list(self._functions))))
                    .order_by(jobs.c.created_at)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).first()
            if row is None:
                return None
            if row.attempts >= MAX_ATTEMPTS:
                # It has killed its worker too often.
                values: dict[str, Any] = {"state": "failed", "error": "too many attempts", "finished_at": now}
                await session.execute(update(jobs).where(jobs.c.id == row.id).values(values))
                await _forget_input(session, row.id)
                return None
            await session.execute(
                update(jobs)
                .where(jobs.c.id == row.id)
                .values(
                    state="running",
                    lease_owner=owner,
                    lease_until=now + LEASE,
                    started_at=row.started_at or now,
                    attempts=row.attempts + 1,
                )
            )
        return JobRun(
            id=row.id,
            kind=row.kind,
            params=row.params,
            started_by=row.started_by,
            community_id=row.community_id,
            done=row.done,
            failed=row.failed,
            total=row.total,
            runtime=runtime,
            owner=owner,
            started_at=row.started_at or now,
            result=dict(row.result or {}),
        )

    async def _end(self, run: JobRun, state: str, error: str | None) -> None:
        async with run.runtime.database.transaction() as session:
            tables = context_of(session).tables.chassis
            ended = await session.execute(
                update(tables.jobs)
                .where(and_(tables.jobs.c.id == run.id, tables.jobs.c.lease_owner == run.owner))
                .where(tables.jobs.c.state == "running")
                .values(state=state, error=error, result=run.result or None, finished_at=run.runtime.clock())
                .returning(tables.jobs.c.id)
            )
            if ended.first() is not None:
                await _forget_input(session, run.id)

    async def _release(self, run: JobRun) -> None:
        try:
            async with run.runtime.database.transaction() as session:
                jobs = context_of(session).tables.chassis.jobs
                await session.execute(
                    update(jobs)
                    .where(and_(jobs.c.id == run.id, jobs.c.lease_owner == run.owner, jobs.c.state == "running"))
                    .values(state="queued", lease_owner=None, lease_until=None, attempts=jobs.c.attempts - 1)
                )
        except Exception:  # noqa: BLE001 - whatever fails here, the lease expires
            log.warning("job not released; its lease will end", extra={"job": str(run.id)})


def packed(content: bytes) -> bytes:
    """A file as a job keeps it; slow, so make it in a thread and before the transaction."""
    return zlib.compress(content, 1)


async def start_job(
    session: AsyncSession,
    kind: str,
    params: Mapping[str, Any],
    *,
    caller: Caller,
    now: datetime,
    upload: bytes | None = None,
    community_id: UUID | None = None,
    total: int | None = None,
) -> UUID:
    """Queue a job in the request's transaction; the worker does it once that is committed. Returns its id.

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
            started_by=caller.actor,
            request_id=context.request_id,
            done=0,
            failed=0,
            total=total,
            created_at=now,
        )
    )
    if upload is not None:
        await session.execute(insert(tables.job_inputs).values(job_id=job_id, content=upload))
    context.extra["job_started"] = True
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
    await _forget_input(session, job_id)
    return True


async def _forget_input(session: AsyncSession, job_id: UUID) -> None:
    """Delete the upload when nobody will read it again: it is large and contains personal data."""
    inputs = context_of(session).tables.chassis.job_inputs
    await session.execute(delete(inputs).where(inputs.c.job_id == job_id))
