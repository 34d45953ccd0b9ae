"""Saying when a message has reached somebody, to the service whose clock waits for it.

A channel outside has it, or its person has read it in the inbox: it is `taken`. Nothing is on its way, and nothing was taken: they are
`unreachable`, until they read it. Each is said once, under the lock of the receipt.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.membership import NotificationTaken, ToldObject
from services.membership.deliveries.occasions import Ended
from services.membership.deliveries.queries import on_their_way
from services.membership.notifications.models import Notification, NotificationReceipt
from services.membership.notifications.queries import Recipient
from services.membership.notifications.rules import Tell

_RECEIPTS: Table = NotificationReceipt.__table__  # type: ignore[attr-defined]
_OPEN: Final = col(NotificationReceipt.result).in_(("waiting", "unreachable"))

_OF_LINES: Prepared[Any] = Prepared(
    lambda on: (
        select(NotificationReceipt)
        .where(on.among(col(NotificationReceipt.notification_id), "lines"), _OPEN)
        .order_by(col(NotificationReceipt.id))
        .with_for_update()
    )
)
_READ: Prepared[Any] = Prepared(
    select(NotificationReceipt)
    .join(Notification, col(Notification.id) == col(NotificationReceipt.notification_id))
    .where(
        col(NotificationReceipt.person_id) == bindparam("person_id"),
        _OPEN,
        (col(Notification.read_at).is_not(None)) | (col(Notification.snoozed_until).is_not(None)),
    )
    .order_by(col(NotificationReceipt.id))
    .with_for_update(of=NotificationReceipt)
)
_REPLACE: Prepared[Any] = Prepared(
    lambda on: (
        update(NotificationReceipt)
        .where(on.among(col(NotificationReceipt.notification_id), "lines"), _OPEN)
        .values(result="replaced")
    )
)


async def wait_for(session: AsyncSession, told: Sequence[tuple[Tell, Recipient, UUID]], now: datetime) -> None:
    """Note who waits to hear that these lines have reached their people, of what says so."""
    rows = [
        {
            "id": new_id(),
            "notification_id": line,
            "person_id": recipient.person_id,
            "member_id": recipient.member_id,
            "community_id": one.community_id,
            "object_kind": one.awaited[0],
            "object_id": one.awaited[1],
            "version": one.version,
            "result": "waiting",
            "messages_published": 0,
            "told_at": now,
        }
        for one, recipient, line in told
        if one.awaited is not None and recipient.member_id is not None
    ]
    await insert_many(session, _RECEIPTS, rows)


async def replace(session: AsyncSession, lines: Collection[UUID]) -> None:
    """These lines tell something newer: whoever waits hears of that alone."""
    if lines:
        await _REPLACE.run(session, lines=sorted(lines))


async def say_who_is_unreachable(session: AsyncSession, lines: Collection[UUID], now: datetime) -> None:
    """Say of which of these lines nothing goes to anybody outside."""
    rows = await _OF_LINES.load(session, again=True, lines=sorted(lines)) if lines else []
    if rows:
        going = await on_their_way(session, "notification", {row.notification_id for row in rows})
        await _say(session, [row for row in rows if row.notification_id not in going], "unreachable", now)


async def note_delivered(session: AsyncSession, ended: Ended) -> None:
    """A channel took a message, or never will: then another may, or nobody is reached."""
    if ended.kind != "notification":
        return
    if ended.state != "taken":
        await say_who_is_unreachable(session, [ended.subject_id], ended.at)
        return
    rows = await _OF_LINES.load(session, again=True, lines=[ended.subject_id])
    await _say(session, rows, "taken", ended.at)


async def note_read(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Somebody has read lines, or put them off: they know."""
    await _say(session, await _READ.load(session, again=True, person_id=person_id), "taken", now)


async def _say(
    session: AsyncSession,
    rows: Sequence[NotificationReceipt],
    result: Literal["taken", "unreachable"],
    now: datetime,
) -> None:
    told = [row for row in rows if row.result != result]
    for row in told:
        row.result = result
    await emit_many(
        session,
        [
            Outgoing(
                NotificationTaken(
                    community_id=row.community_id,
                    object=ToldObject(kind=row.object_kind, id=row.object_id),
                    version=row.version,
                    member_id=row.member_id,
                    result=result,
                ),
                row.bump(),
                now,
            )
            for row in told
        ],
    )
