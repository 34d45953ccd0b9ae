"""What time does to endpoints and their log, every hour."""

from datetime import timedelta

from sqlalchemy import Table, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.webhooks.models import Webhook, WebhookDelivery, WebhookMessage, WebhookSubject
from services.membership.webhooks.rules import KEPT, SWITCHED_OFF_AFTER, TRIED_FOR
from services.membership.webhooks.standing import switch_off

_HOOKS: Table = Webhook.__table__  # type: ignore[attr-defined]
_MESSAGES: Table = WebhookMessage.__table__  # type: ignore[attr-defined]
_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]
_SUBJECTS: Table = WebhookSubject.__table__  # type: ignore[attr-defined]
_HOOKS_AT_ONCE = 100

timers = Timers()


@timers.every(timedelta(hours=1), kind="webhooks.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """Switch off what took nothing for five days, end what nobody sent for three, and forget what is older than the log."""
    now = timer.now
    failing = select(Webhook).where(
        col(Webhook.failing_since) <= now - SWITCHED_OFF_AFTER, col(Webhook.status) == "active"
    )
    locked = failing.order_by(col(Webhook.id)).limit(_HOOKS_AT_ONCE).with_for_update()
    failing_hooks = (await session.scalars(locked)).all()
    await switch_off(session, failing_hooks, {hook.id: "failing" for hook in failing_hooks}, now)
    paused = select(_HOOKS.c.id).where(_HOOKS.c.status == "paused")
    late = (_DELIVERIES.c.status == "waiting", _DELIVERIES.c.since <= now - TRIED_FOR)
    await session.execute(
        update(_DELIVERIES).where(_DELIVERIES.c.webhook_id.in_(paused), *late).values(status="failed")
    )
    await delete_some(session, _DELIVERIES, _DELIVERIES.c.created_at < now - KEPT)
    await delete_some(session, _MESSAGES, _MESSAGES.c.created_at < now - KEPT)
    await delete_some(session, _SUBJECTS, _SUBJECTS.c.at < now - KEPT)
