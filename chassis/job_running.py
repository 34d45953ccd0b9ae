"""Running jobs: take the next one, watch it while it runs, and write down how it ended.

Several jobs run at the same time, first those whose starter has the fewest running. So one bad job does not block the others.
"""

import asyncio
import logging
import random
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from chassis.budget import CalledOff, OverBudget
from chassis.database.context import SYSTEM_ACTOR, context_of
from chassis.database.errors import is_transient
from chassis.ids import new_id
from chassis.jobs import (
    LEASE,
    LONGEST_LEASE,
    JobCancelled,
    JobFailed,
    JobFunction,
    JobInterrupted,
    JobRun,
    Jobs,
    LeaseLost,
    forget_input,
)
from chassis.problems import AUTHORITY_UNAVAILABLE, Problem
from chassis.resolver import asking
from chassis.runtime import Runtime
from chassis.security.authority import StandingUnknown
from chassis.turns import come_round
from chassis.waking import OWN_SECONDS

log = logging.getLogger("qunxue.jobs")

RESOLUTION = timedelta(microseconds=1)
LANES = 3
LANES_EACH = 2
"""How many of them one starter may take, and one kind of what the system starts: one lane is always left for others."""
MAX_ATTEMPTS = 5
MAX_QUESTIONS = 100
PAUSE_SECONDS = 0.5
LOOK_SECONDS = 3.0
"""How often the lease of a running job is renewed; a cancelled job is noticed then."""
STOP_SECONDS = 6.0
"""How long a job may take to its next step when the worker must stop. Then it is abandoned and continues at the next start."""
LEAVE_SECONDS = 3.0
_RETRY = (0.2, 5.0)


class JobLanes:
    """Runs the jobs of a service, several at a time, until it is told to stop."""

    def __init__(self, jobs: Jobs, runtime: Runtime, *, owner: str) -> None:
        self._jobs = jobs
        self._runtime = runtime
        self._owner = owner
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Running jobs may then finish their step."""
        woken = self._runtime.database.jobs_changed
        failures = 0
        try:
            while not stop.is_set():
                woken.clear()
                try:
                    pause = await self._fill(stop)
                    self._reap()
                except Exception as error:  # noqa: BLE001 - a worker outlives whatever one of its jobs runs into
                    failures += 1
                    come_round()
                    log.warning("jobs of %s wait: %r", self._runtime.name, error)
                    longest = min(_RETRY[1], _RETRY[0] * 2**failures)
                    await self._wait(longest * random.uniform(0.5, 1.0), stop.wait())
                    continue
                failures = 0
                await self._wait(pause, stop.wait(), woken.wait(), watch=True)
        finally:
            await self._leave()

    async def _fill(self, stop: asyncio.Event) -> float:
        """Start the jobs there are lanes for. Returns how many seconds to wait before the next look."""
        database = self._runtime.database
        now = self._runtime.clock()
        async with database.reading(primary=True) as session:
            start = await self._jobs.next_start(session, now)
        if start is None or start > now:
            look = OWN_SECONDS if database.is_sqlite else PAUSE_SECONDS
            return look if start is None else min(look, (start - now).total_seconds())
        while len(self._running) < LANES and not stop.is_set():
            run = await claim(self._jobs, self._runtime, self._owner)
            if run is None:
                break
            self._running.add(asyncio.create_task(do(self._jobs, run, stop), name=f"job-{run.kind}"))
        return PAUSE_SECONDS

    def _reap(self) -> None:
        """Forget the jobs that have ended; raises what one of them could not get over."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        for task in ended:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _wait(self, seconds: float, *events: Coroutine[Any, Any, Any], watch: bool = False) -> None:
        """Until the time is up, one of these happens, or with `watch` one of the running jobs ends."""
        waits = {asyncio.create_task(event) for event in events}
        try:
            watched = self._running if watch else set()
            await asyncio.wait(waits | watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _leave(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS + LEAVE_SECONDS)
        for task in self._running:
            task.cancel()


async def run_next(jobs: Jobs, runtime: Runtime, *, owner: str, stop: asyncio.Event | None = None) -> bool:
    """Run one waiting or abandoned job to its end. False if there is none."""
    run = await claim(jobs, runtime, owner)
    if run is None:
        return False
    await do(jobs, run, stop)
    return True


async def do(jobs: Jobs, run: JobRun, stop: asyncio.Event | None = None) -> None:
    """Run a claimed job and write down how it ended. Raises only passing errors; the job is queued again then."""
    run.stop = stop
    try:
        await _attended(jobs, run)
    except (JobInterrupted, CalledOff):
        await _release(run)
    except (JobCancelled, LeaseLost) as stopped:
        log.info("job left", extra={"job": str(run.id), "why": type(stopped).__name__})
    except JobFailed as failure:
        await _end(run, "failed", str(failure))
    except OverBudget:
        await _end(run, "failed", "over_budget: it takes more than anything that is meant well")
    except Exception as error:
        if is_transient(error):
            # A broken connection, a busy database, membership out of reach: the job goes on when they are back.
            await _release(run)
            raise
        if isinstance(error, Problem):
            # What a request would be refused with, such as a file that turns out to be no table.
            await _end(run, "failed", str(error))
        else:
            log.exception("job failed", extra={"job": str(run.id), "kind": run.kind})
            await _end(run, "failed", "internal_error")
    else:
        await _end(run, "succeeded", None)


# --- looking after a job -------------------------------------------------------------------------------------------


async def _attended(jobs: Jobs, run: JobRun) -> None:
    """Run the job until it ends, is cancelled, is taken over, reaches its limit, or the worker stops, even if it hangs."""
    kind = jobs.kinds[run.kind]
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    watching = asyncio.create_task(_watch(run, kind.limit))

    def give_up(_watching: asyncio.Task[None]) -> None:
        task.cancel()

    watching.add_done_callback(give_up)
    try:
        await _answered(kind.function, run)
    except asyncio.CancelledError:
        if not watching.done() or (reason := watching.exception()) is None:
            raise
        task.uncancel()
        raise reason from None
    finally:
        watching.remove_done_callback(give_up)
        watching.cancel()


async def _watch(run: JobRun, limit: timedelta) -> None:
    """Renew the lease while the job runs. Raises the reason when the job must end."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit.total_seconds()
    stop = run.stop or asyncio.Event()
    while True:
        try:
            async with asyncio.timeout(min(LOOK_SECONDS, max(0.0, ends - loop.time()))):
                await stop.wait()
        except TimeoutError:
            if loop.time() >= ends:
                raise JobFailed(f"too_long: it took longer than {_told(limit)}") from None
            await _renew(run)
        else:
            await asyncio.sleep(STOP_SECONDS)
            raise JobInterrupted


async def _renew(run: JobRun) -> None:
    try:
        async with run.runtime.database.transaction() as session:
            await run.hold(session, run.runtime.clock())
    except (JobCancelled, LeaseLost):
        raise
    except Exception as error:  # noqa: BLE001 - the lease is long, and the next look soon
        log.info("the lease of a job was not renewed: %r", error)


def _told(limit: timedelta) -> str:
    seconds = int(limit.total_seconds())
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


async def _answered(function: JobFunction, run: JobRun) -> None:
    """Where a step needs a standing that this service does not know, ask membership and go on there."""
    with asking():
        for _ in range(MAX_QUESTIONS):
            try:
                await function(run)
            except StandingUnknown as unknown:
                await run.runtime.resolver.resolve(unknown)
            else:
                return
    raise AUTHORITY_UNAVAILABLE()


# --- rows ----------------------------------------------------------------------------------------------------------


async def claim(jobs: Jobs, runtime: Runtime, owner: str) -> JobRun | None:
    """Take the oldest waiting job, first of starters with the fewest running jobs. None if there is none."""
    now = runtime.clock()
    # Of this run alone: a process that slept past its lease may take the job anew while its first run still thinks to have it.
    owner = f"{owner[:55]}-{new_id().hex[-8:]}"
    async with runtime.database.transaction() as session:
        table = context_of(session).tables.chassis.jobs
        others = table.alias()
        running = (
            select(func.count())
            .where(others.c.started_by == table.c.started_by, others.c.state == "running")
            # Of what the system does by itself, no kind waits for another: a slow webhook keeps no points from running out.
            .where(or_(table.c.started_by != SYSTEM_ACTOR, others.c.kind == table.c.kind))
            .where(others.c.lease_until.between(now, now + LONGEST_LEASE))
            .scalar_subquery()
        )
        abandoned = or_(table.c.lease_until < now, table.c.lease_until > now + LONGEST_LEASE)
        free = or_(table.c.state == "queued", and_(table.c.state == "running", abandoned))
        row = (
            await session.execute(
                select(table)
                .where(and_(free, table.c.kind.in_(list(jobs.kinds)), running < LANES_EACH))
                .order_by(running, table.c.created_at)
                .limit(1)
                .with_for_update(skip_locked=True, of=table)
            )
        ).first()
        if row is None:
            return None
        if row.attempts >= MAX_ATTEMPTS:
            # It has brought down its worker again and again.
            values: dict[str, Any] = {"state": "failed", "error": "too many attempts", "finished_at": now}
            await session.execute(update(table).where(table.c.id == row.id).values(values))
            await forget_input(session, row.id)
            return None
        await session.execute(
            update(table)
            .where(table.c.id == row.id)
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


async def let_go_of_all(runtime: Runtime) -> None:
    """Free every running job, as only a process may that knows it is alone: whoever ran them is no more."""
    async with runtime.database.transaction() as session:
        jobs = context_of(session).tables.chassis.jobs
        ended = runtime.clock() - RESOLUTION
        await session.execute(update(jobs).where(jobs.c.state == "running").values(lease_until=ended))


async def _end(run: JobRun, state: str, error: str | None) -> None:
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
            await forget_input(session, run.id)


async def _release(run: JobRun) -> None:
    with suppress(Exception):
        async with run.runtime.database.transaction() as session:
            jobs = context_of(session).tables.chassis.jobs
            await session.execute(
                update(jobs)
                .where(and_(jobs.c.id == run.id, jobs.c.lease_owner == run.owner, jobs.c.state == "running"))
                .values(state="queued", lease_owner=None, lease_until=None, attempts=jobs.c.attempts - 1)
            )
        return
    log.warning("job not released; its lease will end", extra={"job": str(run.id)})
