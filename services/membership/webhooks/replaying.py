"""Sending again: one message, all that failed since a moment, or one for a try."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Table, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.web.work import Work
from services.membership.webhooks.models import Webhook, WebhookDelivery, WebhookMessage
from services.membership.webhooks.rules import KEPT
from services.membership.webhooks.service import permitted_hook
from services.membership.webhooks.telling import LISTENING, wake

REPLAY: Final = "webhooks.replay"
TEST: Final = "qunxue.membership.webhook.tested.v1"
_FIRST_STEP: Final = 200
_MOST_IN_STEP: Final = 2_000
_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]

jobs = Jobs()


async def replay_one(work: Work, hook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    """Send a message again, by the same id; what waits already is left as it is. Raises `NOT_FOUND`, `ILLEGAL_TRANSITION`."""
    hook = await _listening(work, hook_id)
    delivery = await existing(work.session, WebhookDelivery, delivery_id, lock=True)
    if delivery.webhook_id != hook.id:
        raise NOT_FOUND()
    if delivery.status == "left_out":
        raise ILLEGAL_TRANSITION(state=delivery.status)
    if delivery.status != "waiting":
        delivery.sqlmodel_update(_again(work.now))
        await work.session.flush()
        await wake(work.session, [hook.id], work.now)
        await audit(work.session, work.caller, hook, "replay", {"delivery_id": [None, delivery.id]}, work.now)
    return delivery


async def start_replay(work: Work, hook_id: UUID, since: datetime) -> UUID:
    """Begin to send again what failed since a moment; a job that does so already is answered. Raises `ILLEGAL_TRANSITION`."""
    hook = await _listening(work, hook_id)
    params = {"webhook_id": str(hook.id), "since": max(since, work.now - KEPT).isoformat()}
    # Counted under the lock of the endpoint: one job at a time for each.
    for job_id, others in (
        await own_jobs(work.session, REPLAY, caller=work.caller, community_id=hook.community_id)
    ).items():
        if others.get("webhook_id") == params["webhook_id"]:
            return job_id
    await audit(work.session, work.caller, hook, "replay", {"since": [None, params["since"]]}, work.now)
    return await start_job(
        work.session, REPLAY, params, caller=work.caller, now=work.now, community_id=hook.community_id
    )


@jobs.kind(REPLAY)
async def replay(job: JobRun) -> None:
    """Have everything wait again that failed since then, some at a time."""
    hook_id, since = UUID(str(job.params["webhook_id"])), datetime.fromisoformat(str(job.params["since"]))

    async def some(session: AsyncSession, most: int) -> bool:
        hook = await session.get(Webhook, hook_id, with_for_update=True, populate_existing=True)
        if hook is None or hook.status not in LISTENING:
            return False
        failed = (
            select(_DELIVERIES.c.id)
            .where(_DELIVERIES.c.webhook_id == hook_id, _DELIVERIES.c.status == "failed")
            .where(_DELIVERIES.c.created_at >= since)
            .order_by(_DELIVERIES.c.created_at, _DELIVERIES.c.id)
            .limit(most)
        )
        ids = list((await session.execute(failed)).scalars())
        if not ids:
            return False
        now = job.runtime.clock()
        await session.execute(update(_DELIVERIES).where(_DELIVERIES.c.id.in_(failed)).values(**_again(now)))
        await wake(session, [hook_id], now)
        job.advance(done=len(ids))
        return len(ids) == most

    await job.in_steps(some, first=_FIRST_STEP, most=_MOST_IN_STEP)


async def test(work: Work, hook_id: UUID) -> tuple[WebhookDelivery, bool]:
    """Send a message that says nothing; as long as one waits, that is answered, and False. Raises `ILLEGAL_TRANSITION`."""
    hook = await _listening(work, hook_id)
    waiting = select(WebhookDelivery).where(
        col(WebhookDelivery.webhook_id) == hook.id,
        col(WebhookDelivery.status) == "waiting",
        col(WebhookDelivery.type) == TEST,
    )
    known = (await work.session.scalars(waiting.limit(1))).first()
    if known is not None:
        return known, False
    message = WebhookMessage(
        id=new_id(),
        type=TEST,
        subject=str(hook.id),
        version=1,
        community_id=hook.community_id,
        occurred_at=work.now,
        data=orjson.dumps({"webhook_id": str(hook.id)}).decode(),
        created_at=work.now,
    )
    delivery = WebhookDelivery(
        webhook_id=hook.id, message_id=message.id, type=TEST, since=work.now, next_at=work.now, created_at=work.now
    )
    work.session.add_all([message, delivery])
    await work.session.flush()
    await wake(work.session, [hook.id], work.now)
    return delivery, True


def _again(now: datetime) -> dict[str, Any]:
    return {"status": "waiting", "since": now, "next_at": now, "attempts": 0, "error": None}


async def _listening(work: Work, hook_id: UUID) -> Webhook:
    hook = await permitted_hook(work, hook_id, lock=True)
    if hook.status not in LISTENING:
        raise ILLEGAL_TRANSITION(state=hook.status)
    return hook
