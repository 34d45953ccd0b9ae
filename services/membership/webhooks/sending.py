"""Sending what waits: one job for all endpoints, each of which is called one message at a time and keeps nobody else waiting.

A call is made outside of any transaction. What was sent and not yet written down when a worker ended is sent once more, by the same id.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

import httpx
from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.errors import is_transient
from chassis.jobs import JobCancelled, JobInterrupted, JobRun, Jobs, LeaseLost, is_queued, start_job
from chassis.outgoing import AddressRefusedError, post
from chassis.timers import Late, Timer, Timers, schedule
from chassis.webhooks import signed_headers
from services.membership.webhooks.models import Webhook
from services.membership.webhooks.progress import Call, Outcome, begin, record
from services.membership.webhooks.rules import seconds_asked
from services.membership.webhooks.telling import ALL, DUE

SEND: Final = "webhooks.send"
LANES: Final = {False: 16, True: 8}
"""How many endpoints are called at a time: quick ones, and slow ones, which take no lane from those."""
ROUND_CALLS: Final = 20
ROUND_SECONDS: Final = 5.0
"""After so many calls or so long, an endpoint makes room for others."""
JOB_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.25
"""How often to look for endpoints that something came for while others are called."""
STOP_SECONDS: Final = 3.0
_LOOK_AGAIN: Final = timedelta(seconds=1)
_BROKEN: Final = timedelta(minutes=1)

log = logging.getLogger("qunxue.webhooks")

timers, jobs = Timers(), Jobs()


@timers.on(DUE, late=Late.BEGINNING)
async def start_sending(session: AsyncSession, timer: Timer) -> None:
    """Have the worker send, since nothing is called inside a transaction: one job at a time, and none as long as every endpoint rests."""
    next_at = await _next_at(session)
    if next_at is None:
        return
    if next_at > timer.now:
        await schedule(session, DUE, ALL, next_at)
        return
    if not await is_queued(session, SEND, or_running=True):
        await start_job(session, SEND, {}, caller=None, now=timer.now)
    # One that runs looks itself for what comes; this is for what came after its last look.
    await schedule(session, DUE, ALL, timer.now + _LOOK_AGAIN)


@jobs.kind(SEND)
async def send(job: JobRun) -> None:
    """Call endpoints for which something is due, many at a time, for a minute at most; then others have the lane."""
    rounds: dict[UUID, tuple[bool, asyncio.Task[None]]] = {}
    until = monotonic() + JOB_SECONDS
    try:
        while True:
            _reap(rounds)
            if _stopping(job):
                # A call that is under way is soon answered; else it is made once more.
                if rounds:
                    await asyncio.wait([task for _, task in rounds.values()], timeout=STOP_SECONDS)
                raise JobInterrupted
            if monotonic() < until:
                for hook_id, slow in await _due(job, rounds):
                    rounds[hook_id] = slow, asyncio.create_task(_round(job, hook_id))
            if not rounds:
                break
            running = [task for _, task in rounds.values()]
            await asyncio.wait(running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        running = [task for _, task in rounds.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    async with job.step() as session:
        # What came after the last look: the timer decides, and who has something come waits for it.
        await schedule(session, DUE, ALL, job.runtime.clock() + _LOOK_AGAIN)


def _stopping(job: JobRun) -> bool:
    return job.stop is not None and job.stop.is_set()


def _reap(rounds: dict[UUID, tuple[bool, "asyncio.Task[None]"]]) -> None:
    """Forget the rounds that have ended. Raises what ends the job."""
    for hook_id in [key for key, (_, task) in rounds.items() if task.done()]:
        rounds.pop(hook_id)[1].result()


async def _due(job: JobRun, rounds: dict[UUID, tuple[bool, "asyncio.Task[None]"]]) -> list[tuple[UUID, bool]]:
    """Endpoints to begin with, who waited longest first."""
    found: list[tuple[UUID, bool]] = []
    async with job.runtime.database.reading(primary=True) as session:
        for slow, most in LANES.items():
            free = most - sum(1 for other, _ in rounds.values() if other is slow)
            if free <= 0:
                continue
            due = (
                select(col(Webhook.id))
                .where(col(Webhook.next_at) <= job.runtime.clock(), col(Webhook.slow).is_(slow))
                .order_by(col(Webhook.next_at), col(Webhook.id))
                .limit(free + len(rounds))
            )
            new = [one for one in await session.scalars(due) if one not in rounds]
            found += [(one, slow) for one in new[:free]]
    return found


async def _round(job: JobRun, hook_id: UUID) -> None:
    """Call one endpoint, one message after the other, until it takes one no more or others have waited long enough."""
    try:
        until, calls = monotonic() + ROUND_SECONDS, 1
        call = await _begun(job, hook_id)
        while call is not None:
            outcome = await _sent(job, call)
            going_on = calls < ROUND_CALLS and monotonic() < until and not _stopping(job)
            call = await _recorded(job, hook_id, call, outcome)
            calls += 1
            if not going_on:
                break
    except (JobCancelled, LeaseLost):
        raise
    except Exception as error:
        if is_transient(error):
            raise
        # Whatever it is, it is this endpoint's alone.
        log.exception("an endpoint cannot be sent to", extra={"webhook": str(hook_id)})
        async with job.runtime.database.transaction() as session:
            later = job.runtime.clock() + _BROKEN
            await session.execute(update(Webhook).where(col(Webhook.id) == hook_id).values(next_at=later))


async def _begun(job: JobRun, hook_id: UUID) -> Call | None:
    async with job.runtime.database.transaction() as session:
        now = job.runtime.clock()
        await job.hold(session, now)
        return await begin(session, hook_id, now)


async def _recorded(job: JobRun, hook_id: UUID, call: Call, outcome: Outcome) -> Call | None:
    async with job.runtime.database.transaction() as session:
        return await record(session, hook_id, call, outcome, job.runtime.clock())


async def _sent(job: JobRun, call: Call) -> Outcome:
    """Make a call. The body of what comes back is nobody's business."""
    headers = signed_headers(call.keys, str(call.message_id), call.body, job.runtime.clock())
    began = monotonic()
    answered, error, asked = None, None, 0.0
    try:
        answer = await post(call.url, call.body, headers, allowed=job.runtime.settings.webhook_networks)
        answered, asked = answer.status, seconds_asked(answer.retry_after)
    except AddressRefusedError:
        error = "address_refused"
    except (TimeoutError, httpx.TimeoutException):
        error = "timeout"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        error = "no_answer"
    return Outcome(answered, error, int((monotonic() - began) * 1000), asked)


async def _next_at(session: AsyncSession) -> datetime | None:
    found: datetime | None = (await session.execute(select(func.min(col(Webhook.next_at))))).scalar_one()
    return found
