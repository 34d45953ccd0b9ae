"""What is sent next to an endpoint, and what becomes of it: each step under the lock of the endpoint."""

import random
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import Table, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from services.membership.webhooks.keys import signing_keys
from services.membership.webhooks.models import Webhook, WebhookDelivery, WebhookMessage
from services.membership.webhooks.rules import (
    GONE,
    SLOW,
    TRIED_FOR,
    may_be_told,
    rest_after,
    wait_after,
)
from services.membership.webhooks.standing import switch_off, why_off
from services.membership.webhooks.telling import visibility_of

_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]
_LEFT_OUT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One call that is to be made."""

    delivery_id: UUID
    message_id: UUID
    url: str
    keys: list[bytes]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went. `error` says why nothing came back."""

    answered: int | None
    error: str | None
    milliseconds: int
    retry_after: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the endpoint has it now."""
        return self.answered is not None and self.answered // 100 == 2


async def begin(session: AsyncSession, hook_id: UUID, now: datetime) -> Call | None:
    """The first call of a round. What it may not be told any more, or was tried for too long, is not sent."""
    hook = await _locked(session, hook_id)
    if hook is None or hook.status != "active":
        if hook is not None:
            hook.next_at = None
        return None
    causes = await why_off(session, [hook], now)
    if causes:
        await switch_off(session, [hook], causes, now)
        return None
    await expire(session, hook.id, now)
    return await _next(session, hook, now)


async def record(session: AsyncSession, hook_id: UUID, call: Call, outcome: Outcome, now: datetime) -> Call | None:
    """Write down how a call went; the next one, where the endpoint took this one."""
    hook = await _locked(session, hook_id)
    delivery = await session.get(WebhookDelivery, call.delivery_id)
    if hook is None or delivery is None:
        return None
    delivery.attempts += 1
    delivery.last_at, delivery.answered = now, outcome.answered
    delivery.error, delivery.milliseconds = outcome.error, outcome.milliseconds
    hook.slow = outcome.milliseconds >= SLOW
    if outcome.taken:
        delivery.status = "delivered"
        hook.failures, hook.failing_since, hook.rests_until = 0, None, None
    elif delivery.status == "waiting":
        _put_off(hook, delivery, outcome, now)
    await session.flush()
    if hook.status != "active":
        return None
    if outcome.answered == GONE:
        await switch_off(session, [hook], {hook.id: "gone"}, now)
        return None
    return await _next(session, hook, now)


async def expire(session: AsyncSession, hook_id: UUID, now: datetime) -> None:
    """What was tried for three days has failed."""
    these = (
        _DELIVERIES.c.webhook_id == hook_id,
        _DELIVERIES.c.status == "waiting",
        _DELIVERIES.c.since <= now - TRIED_FOR,
    )
    await session.execute(update(_DELIVERIES).where(*these).values(status="failed"))


def _put_off(hook: Webhook, delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    chance = random.random()
    delivery.next_at = now + wait_after(delivery.attempts, chance)
    if delivery.next_at >= delivery.since + TRIED_FOR:
        delivery.status = "failed"
    hook.failures += 1
    hook.failing_since = hook.failing_since or now
    hook.rests_until = now + rest_after(hook.failures, chance, outcome.retry_after)


async def _locked(session: AsyncSession, hook_id: UUID) -> Webhook | None:
    return await session.get(Webhook, hook_id, with_for_update=True, populate_existing=True)


async def _next(session: AsyncSession, hook: Webhook, now: datetime) -> Call | None:
    """What comes first of what waits; where nothing is to be sent now, the endpoint knows when."""
    if hook.rests_until is None or hook.rests_until <= now:
        for _ in range(_LEFT_OUT_AT_ONCE):
            found = await _first(session, hook.id, now)
            if found is None:
                break
            delivery, message = found
            if message is not None and await _may_be_told(session, message):
                hook.next_at = now
                return _call(session, hook, delivery, message, now)
            delivery.status = "left_out"
            await session.flush()
    waiting = (_DELIVERIES.c.webhook_id == hook.id, _DELIVERIES.c.status == "waiting")
    first = (await session.execute(select(func.min(_DELIVERIES.c.next_at)).where(*waiting))).scalar_one()
    hook.next_at = None if first is None else max(first, hook.rests_until or first)
    return None


async def _first(
    session: AsyncSession, hook_id: UUID, now: datetime
) -> tuple[WebhookDelivery, WebhookMessage | None] | None:
    found = (
        select(WebhookDelivery, WebhookMessage)
        .outerjoin(WebhookMessage, col(WebhookMessage.id) == col(WebhookDelivery.message_id))
        .where(col(WebhookDelivery.webhook_id) == hook_id, col(WebhookDelivery.status) == "waiting")
        .where(col(WebhookDelivery.next_at) <= now)
        .order_by(col(WebhookDelivery.next_at), col(WebhookDelivery.id))
        .limit(1)
    )
    row = (await session.execute(found)).first()
    return None if row is None else (row[0], row[1])


async def _may_be_told(session: AsyncSession, message: WebhookMessage) -> bool:
    """Whether it may be read by all still: it was not taken away, and is no narrower than the community is now."""
    if message.hidden:
        return False
    seen = await visibility_of(session, [message.community_id])
    return may_be_told(orjson.loads(message.data), seen.get(message.community_id))


def _call(
    session: AsyncSession, hook: Webhook, delivery: WebhookDelivery, message: WebhookMessage, now: datetime
) -> Call:
    said = {
        "id": str(message.id),
        "type": message.type,
        "time": message.occurred_at.isoformat(),
        "community_id": None if message.community_id is None else str(message.community_id),
        "subject": message.subject,
        "version": message.version,
        "data": orjson.Fragment(message.data),
    }
    keys = signing_keys(context_of(session).runtime.secret, hook, now)
    return Call(delivery.id, message.id, hook.url, keys, orjson.dumps(said))
