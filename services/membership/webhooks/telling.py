"""From a message to what waits for each endpoint that asked for its type."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.database.statements import Prepared
from chassis.ids import new_id
from chassis.messaging.envelope import Received
from chassis.timers import schedule
from services.membership.communities.models import Community
from services.membership.webhooks.hiding import TAKING_AWAY, hidden_of, hide, said_of
from services.membership.webhooks.message_types import PLATFORM_TYPES
from services.membership.webhooks.models import Webhook, WebhookDelivery, WebhookMessage
from services.membership.webhooks.rules import TRIED_FOR, may_be_told

DUE: Final = "webhooks.due"
ALL: Final = UUID(int=0)
"""One timer for all endpoints."""
LISTENING: Final = ("active", "paused")
_MESSAGES: Table = WebhookMessage.__table__  # type: ignore[attr-defined]
_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]

_ANY = Prepared(select(col(Webhook.types)).where(col(Webhook.status).in_(LISTENING)))


async def wanted_types(session: AsyncSession) -> frozenset[str]:
    """What some endpoint asks for, and what takes it away again. Nothing where there is no endpoint."""
    asked = {one for types in await _ANY.all(session) for one in types}
    return frozenset(asked | TAKING_AWAY if asked else ())


async def tell(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> None:
    """Have each message wait for the endpoints that are told it: in the order of their ids, each once however often it comes."""
    news = [one for one in messages if not one.backfill]
    if not news:
        return
    await _hide(session, news, now)
    hooks = await _listening(session, {one.community_id for one in news if one.community_id is not None})
    if not hooks:
        return
    seen = await visibility_of(session, {one.community_id for one in news})
    rows, told = [], {}
    for one in news:
        if not may_be_told(one.data.model_dump(), seen.get(one.community_id)):
            continue
        for hook in hooks:
            if is_told(hook, one.type, one.community_id):
                rows.append(_delivery(hook.id, one, now))
                told[one.id] = one
    if rows:
        await _write(session, rows, told.values(), now)


def is_told(hook: Any, type_: str, community_id: UUID | None) -> bool:
    """Whether a message of this type and community is for an endpoint."""
    if type_ not in hook.types:
        return False
    return hook.community_id == community_id or (hook.community_id is None and type_ in PLATFORM_TYPES)


async def visibility_of(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Who may know of these communities."""
    wanted = {one for one in ids if one is not None}
    found = select(col(Community.id), col(Community.visibility)).where(among(session, col(Community.id), wanted))
    return dict((await session.execute(found)).all()) if wanted else {}


async def wake(session: AsyncSession, hook_ids: Iterable[UUID], now: datetime) -> None:
    """Something waits for these endpoints, which are locked; one that rests goes on resting."""
    wanted = list(hook_ids)
    if not wanted:
        return
    for hook in await session.scalars(select(Webhook).where(among(session, col(Webhook.id), wanted))):
        hook.next_at = max(now, hook.rests_until or now)
    await schedule(session, DUE, ALL, now)


async def _listening(session: AsyncSession, communities: set[UUID]) -> Sequence[Any]:
    where = or_(col(Webhook.community_id).is_(None), among(session, col(Webhook.community_id), communities))
    found = select(col(Webhook.id), col(Webhook.community_id), col(Webhook.types))
    return (await session.execute(found.where(col(Webhook.status).in_(LISTENING), where))).all()


def _delivery(hook_id: UUID, message: Received[Any], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "webhook_id": hook_id,
        "message_id": message.id,
        "type": message.type,
        "status": "waiting",
        "attempts": 0,
        "since": now,
        "next_at": now,
        "created_at": now,
    }


async def _hide(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> None:
    """Keep in mind what was taken away; what is there again and was left out waits again, as long as it would have been tried."""
    back = await hide(session, messages, now)
    if not back:
        return
    found = select(_DELIVERIES.c.id, _DELIVERIES.c.webhook_id).join(
        _MESSAGES, _MESSAGES.c.id == _DELIVERIES.c.message_id
    )
    left_out = (_DELIVERIES.c.status == "left_out", _DELIVERIES.c.since > now - TRIED_FOR)
    rows = (await session.execute(found.where(said_of(session, back), *left_out))).all()
    if not rows:
        return
    hooks = {row.webhook_id for row in rows}
    locked = select(col(Webhook.id)).where(among(session, col(Webhook.id), hooks), col(Webhook.status).in_(LISTENING))
    there = set((await session.execute(locked.order_by(col(Webhook.id)).with_for_update())).scalars())
    ids = [row.id for row in rows if row.webhook_id in there]
    again = update(_DELIVERIES).where(among(session, _DELIVERIES.c.id, ids), _DELIVERIES.c.status == "left_out")
    await session.execute(again.values(status="waiting", next_at=now))
    await wake(session, there, now)


async def _write(
    session: AsyncSession, rows: list[dict[str, Any]], told: Collection[Received[Any]], now: datetime
) -> None:
    ids = {row["webhook_id"] for row in rows}
    # Locked in one order, and so that none of them goes while something is written down for it.
    locked = select(col(Webhook.id)).where(among(session, col(Webhook.id), ids)).order_by(col(Webhook.id))
    there = set((await session.execute(locked.with_for_update())).scalars())
    rows = [row for row in rows if row["webhook_id"] in there]
    gone = await hidden_of(session, {one.subject for one in told})
    messages = [
        {
            "id": one.id,
            "type": one.type,
            "subject": one.subject,
            "version": one.version,
            "community_id": one.community_id,
            "occurred_at": one.occurred_at,
            "data": one.data.to_json(),
            "hidden": one.subject in gone and one.type not in TAKING_AWAY,
            "created_at": now,
        }
        for one in told
    ]
    await insert_new(session, _MESSAGES, messages, key=("id",))
    await insert_new(session, _DELIVERIES, rows, key=("webhook_id", "message_id"))
    await wake(session, there, now)
