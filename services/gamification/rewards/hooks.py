"""Webhooks that hand rewards over: asked by the worker outside of any transaction, or calling back; each redemption is decided once.

What is not answered is no refusal: it stays approved, and is asked again by the same id, for three days. A webhook that does not answer
is left alone for longer each time, with all that wait for it.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import httpx
import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import strict_json
from chassis.audit import audit
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.outgoing import AddressRefusedError, post
from chassis.problems import NOT_FOUND
from chassis.timers import Late, Timer, Timers, cancel, schedule
from chassis.webhooks import SIGNATURE, TIMESTAMP, is_signed, signed_headers
from services.gamification.rewards import changes, redemption_queries
from services.gamification.rewards.codes import hook_key
from services.gamification.rewards.hook_schemas import HookResult
from services.gamification.rewards.models import Redemption, Reward
from services.gamification.rewards.redemption_rules import ASK_AGAIN, wait_after

ASK = "rewards.ask_hook"
_AT_ONCE = 20
_SECONDS = 30.0
"""How long a job goes on to ask: then others come first."""
_LOOK_AGAIN = timedelta(seconds=10)
"""When to look again for what a job that is under way may have come too early for."""
_MAKE_UP = timedelta(minutes=15)
"""When to begin again where a job did not get to its end."""

log = logging.getLogger("qunxue.rewards")

timers, jobs = Timers(), Jobs()


@timers.on(changes.ASKS_HOOK, late=Late.BEGINNING)
async def begin(session: AsyncSession, timer: Timer) -> None:
    """Have the worker ask, since nothing is called inside a transaction: one job for a reward, however many wait, and none as long as it rests."""
    reward = await session.get(Reward, timer.subject_id)
    next_at = await redemption_queries.asked_next(session, timer.subject_id, timer.now)
    if reward is None or next_at is None:
        return
    due_at = max(next_at, reward.hook_rests_until or next_at)
    if due_at > timer.now:
        await schedule(session, changes.ASKS_HOOK, reward.id, due_at)
        return
    params = {"reward_id": str(reward.id)}
    under_way = await own_jobs(session, ASK, caller=None, community_id=reward.community_id)
    if params in under_way.values():
        await schedule(session, changes.ASKS_HOOK, reward.id, timer.now + _LOOK_AGAIN)
        return
    await start_job(session, ASK, params, caller=None, now=timer.now, community_id=reward.community_id)
    await schedule(session, changes.ASKS_HOOK, reward.id, timer.now + _MAKE_UP)


@jobs.kind(ASK)
async def ask(job: JobRun) -> None:
    """Ask about some, for a while; the first that is not answered ends it, since the others would not be either."""
    reward_id = UUID(str(job.params["reward_id"]))
    answered, asked = True, 0
    until = monotonic() + _SECONDS
    while answered and asked < _AT_ONCE and (asked == 0 or monotonic() < until):
        # Read anew each time: what was decided, moved or forgotten while another was asked about is not sent any more.
        found = await _next(job, reward_id)
        if found is None:
            break
        url, key, row = found
        result = await _asked(job, url, key, row)
        asked, answered = asked + 1, result is not None
        if result is not None:
            async with job.step() as session:
                await decide(session, row.id, result, job.runtime.clock())
    async with job.step() as session:
        await _go_on(session, reward_id, job.runtime.clock(), answered=answered)


async def _next(job: JobRun, reward_id: UUID) -> tuple[str, bytes, Redemption] | None:
    """What is to be asked about now, where, and with which key."""
    async with job.runtime.database.reading(primary=True) as session:
        reward = await session.get(Reward, reward_id)
        waiting = await redemption_queries.to_ask(session, reward_id, job.runtime.clock(), 1)
        if reward is None or reward.hook_url is None or not waiting:
            return None
        return reward.hook_url, hook_key(session, reward_id), waiting[0]


async def _asked(job: JobRun, url: str, key: bytes, row: Redemption) -> HookResult | None:
    """What the webhook says; None where it says nothing that can be understood."""
    said = {
        "redemption_id": str(row.id),
        "reward_id": str(row.reward_id),
        "reward_kind": row.reward_kind,
        "member_id": str(row.member_id),
        "cost": row.cost,
    }
    if row.recipient_name is not None:
        said["recipient"] = {
            "name": row.recipient_name,
            "phone": row.recipient_phone,
            "address": row.recipient_address,
        }
    body = orjson.dumps(said)
    headers = signed_headers(key, str(row.id), body, job.runtime.clock()) | {"Idempotency-Key": str(row.id)}
    try:
        answer = await post(url, body, headers, allowed=job.runtime.settings.webhook_networks)
        if answer.status // 100 == 2:
            return _understood(answer.body)
        why = str(answer.status)
    except (AddressRefusedError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        why = type(error).__name__
    log.warning("webhook did not answer", extra={"reward": str(row.reward_id), "why": why})
    return None


def _understood(body: bytes) -> HookResult:
    """An answer, of which we read what we know; an empty one says that it comes later. Raises `ValueError`."""
    if not body.strip():
        return HookResult(result="pending")
    said = strict_json.parse(body)
    known = {name: said[name] for name in HookResult.model_fields if name in said} if isinstance(said, dict) else said
    return HookResult.model_validate(known)


async def take(
    session: AsyncSession, key: UUID, result: HookResult, headers: Mapping[str, str], body: bytes, now: datetime
) -> Redemption:
    """Do what a webhook says that calls back. Raises `NOT_FOUND` where it did not sign it."""
    row = await session.get(Redemption, key)
    if row is None or row.fulfilment != "webhook":
        raise NOT_FOUND()
    stamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not is_signed(hook_key(session, row.reward_id), str(key), stamp, signature, body, now):
        raise NOT_FOUND()
    before = row.status
    row = await decide(session, key, result, now)
    if row.status != before:
        await audit(session, None, row, "take_hook_result", {"status": [before, row.status]}, now)
    return row


async def decide(session: AsyncSession, key: UUID, result: HookResult, now: datetime) -> Redemption:
    """Do what the webhook says, unless it is decided already: then it changes nothing, whatever is said."""
    reward, row = await changes.locked(session, key)
    if row.status != "approved" or row.fulfilment != "webhook":
        return row
    if result.result == "pending":
        row.hook_next_at = now + ASK_AGAIN
        return row
    if result.result == "refused":
        await changes.give_back(session, reward, row, "rejected", now, cause="refused", reason=result.reason)
        return row
    code = result.code if row.reward_kind == "voucher" else None
    if code is not None and not await redemption_queries.keep_code(session, reward, row, code, now):
        # No code is handed out twice, whoever says so.
        log.warning("webhook answered a code that another has", extra={"reward": str(row.reward_id)})
        row.hook_next_at = now + ASK_AGAIN
        return row
    await changes.fulfil(session, row, now)
    return row


async def _go_on(session: AsyncSession, reward_id: UUID, now: datetime, *, answered: bool) -> None:
    reward = await session.get(Reward, reward_id, with_for_update=True, populate_existing=True)
    if reward is None:
        return
    reward.hook_failures = 0 if answered else reward.hook_failures + 1
    reward.hook_rests_until = None if answered else now + wait_after(reward.hook_failures)
    next_at = await redemption_queries.asked_next(session, reward_id, now)
    if next_at is None:
        await cancel(session, changes.ASKS_HOOK, reward_id)
    else:
        await schedule(session, changes.ASKS_HOOK, reward_id, max(next_at, reward.hook_rests_until or next_at))
