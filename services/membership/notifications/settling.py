"""Bringing lines up to what they consist of: how many they speak of, who was last, and whether anything is left."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, Table, cast, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.statements import Prepared, bindparam, is_postgres
from chassis.timers import schedule
from services.membership.notifications import queries
from services.membership.notifications.models import (
    Notification,
    NotificationCause,
    NotificationChange,
    NotificationRound,
)
from services.membership.notifications.occasions import Notified, notified
from services.membership.notifications.rules import CHUNK

WITHDRAWING = "notifications.withdraw"
RETURNING = "notifications.return"

_CHANGES: Table = NotificationChange.__table__  # type: ignore[attr-defined]

_COUNTED: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(NotificationCause.notification_id),
            func.count().label("causes"),
            func.count(col(NotificationCause.actor_id).distinct()).label("actors"),
            func.max(col(NotificationCause.told_at)).label("told_at"),
        )
        .where(on.among(col(NotificationCause.notification_id), "ids"), col(NotificationCause.withdrawn).is_(False))
        .group_by(col(NotificationCause.notification_id))
    )
)
_LATEST: Prepared[Any] = Prepared(
    lambda on: select(
        col(NotificationCause.notification_id),
        col(NotificationCause.actor_id),
        col(NotificationCause.told_at),
    ).where(
        on.among(col(NotificationCause.notification_id), "ids"),
        col(NotificationCause.withdrawn).is_(False),
        on.among(col(NotificationCause.told_at), "moments"),
    )
)
_WITHDRAW: Prepared[Any] = Prepared(
    lambda on: (
        update(NotificationCause)
        .where(
            on.among(col(NotificationCause.cause), "causes"), on.among(col(NotificationCause.notification_id), "ids")
        )
        .values(withdrawn=bindparam("gone"))
    )
)
_JOIN: Prepared[Any] = Prepared(
    update(NotificationCause)
    .where(col(NotificationCause.notification_id) == bindparam("line"), col(NotificationCause.withdrawn).is_(False))
    .values(notification_id=bindparam("other"))
)
_XACT: Prepared[Any] = Prepared(select(cast(cast(func.pg_current_xact_id(), String), BigInteger)))


async def withdraw(session: AsyncSession, sources: Collection[str], now: datetime) -> None:
    """Take what depends on these out of the inboxes; of more than some hundreds the rest follows by a timer."""
    rows = await queries.live_causes(session, sources, CHUNK) if sources else []
    await withdraw_causes(session, rows, now)
    if len(rows) == CHUNK:
        await _go_on(session, WITHDRAWING, sources, now)


async def withdraw_causes(session: AsyncSession, rows: Sequence[Any], now: datetime) -> None:
    """Take these out of the inboxes."""
    if not rows:
        return
    lines = {row.notification_id for row in rows}
    await _WITHDRAW.run(session, causes=sorted({row.cause for row in rows}), ids=sorted(lines), gone=True)
    people = await settle(session, lines, now)
    await changed(session, people, "withdrawn", now)


async def bring_back(session: AsyncSession, sources: Collection[str], now: datetime) -> None:
    """Put back what was withdrawn and holds again; of more than some hundreds the rest follows by a timer.

    What came due outside meanwhile did not go, so it is left to go again.
    """
    rows = await queries.withdrawn_causes(session, sources, CHUNK) if sources else []
    if not rows:
        return
    lines = {row.notification_id for row in rows}
    gone = {line.id for line in await queries.lines(session, sorted(lines)) if line.withdrawn_at is not None}
    await _WITHDRAW.run(session, causes=sorted({row.cause for row in rows}), ids=sorted(lines), gone=False)
    await changed(session, await settle(session, lines, now), "told", now)
    again = [line for line in await queries.lines(session, sorted(gone)) if line.read_at is None] if gone else []
    await notified.happened(session, [told_again(line) for line in again if line.withdrawn_at is None])
    if len(rows) == CHUNK:
        await _go_on(session, RETURNING, sources, now)


def told_again(line: Notification, *, news: str = "") -> Notified:
    """What a line says, where it is there again; `news` as `Notified` has it."""
    return Notified(
        notification_id=line.id,
        person_id=line.person_id,
        community_id=line.community_id,
        category=line.category,
        critical=line.critical,
        thread=line.thread,
        template=line.template,
        template_version=line.template_version,
        params=line.params,
        at=line.told_at,
        news=news,
    )


async def _go_on(session: AsyncSession, kind: str, sources: Collection[str], now: datetime) -> None:
    row = NotificationRound(telling={"sources": sorted(sources)}, created_at=now)
    session.add(row)
    await session.flush()
    await schedule(session, kind, row.id, now)


async def settle(
    session: AsyncSession,
    ids: Collection[UUID],
    now: datetime,
    *,
    replacing: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> dict[UUID, UUID]:
    """Count again what these lines speak of. Returns whose they are: the line by the person.

    `replacing`: what the newest told says, by line. A line of which nothing is left is withdrawn, one of which something is back comes
    back; where another of its thread is unread meanwhile, what is back joins that.
    """
    if not ids:
        return {}
    listed = sorted(ids)
    lines = await queries.lines(session, listed)
    counted = {row.notification_id: row for row in await _COUNTED.all(session, ids=listed)}
    moments = sorted({row.told_at for row in counted.values()})
    latest = {
        row.notification_id: row.actor_id
        for row in await _LATEST.all(session, ids=listed, moments=moments)
        if row.told_at == counted[row.notification_id].told_at
    }
    back = [line for line in lines if line.withdrawn_at is not None and line.id in counted]
    opened = await queries.open_lines(session, [line.person_id for line in back], {line.thread for line in back})
    joining: dict[UUID, UUID] = {}
    for line in lines:
        found, newest = counted.get(line.id), (replacing or {}).get(line.id)
        if found is None:
            line.withdrawn_at = line.withdrawn_at or now
            continue
        if newest is not None and newest["told_at"] >= line.told_at:
            line.template, line.template_version = newest["template"], newest["template_version"]
            line.category, line.critical = newest["category"], newest["critical"]
            line.params = dict(newest["params"])
            line.told_at = newest["told_at"]
        elif latest.get(line.id) is not None:
            line.params = {**line.params, "who": str(latest[line.id])}
        replaced = newest is not None and newest["replaces"]
        line.count = 1 if replaced else max(1, found.actors or found.causes)
        if line.withdrawn_at is not None:
            other = opened.setdefault((line.person_id, line.thread), line.id) if line.read_at is None else line.id
            if other == line.id:
                line.withdrawn_at = None
            else:
                joining[line.id] = other
    await session.flush()
    told = {line.person_id: line.id for line in lines if line.id not in joining}
    if joining:
        for line_id, other in sorted(joining.items()):
            await _JOIN.run(session, line=line_id, other=other)
        told |= await settle(session, set(joining.values()), now)
    return told


async def changed(session: AsyncSession, lines: Mapping[UUID, UUID | None], kind: str, now: datetime) -> None:
    """Say, to whoever shows inboxes live, that these people's have changed: a line by the person."""
    if not lines:
        return
    unread = await queries.unread_of(session, sorted(lines), now)
    xact = int(await _XACT.one(session)) if is_postgres(session) else 0
    rows = [
        {
            "xact": xact,
            "person_id": person_id,
            "notification_id": line,
            "kind": kind,
            "unread": unread.get(person_id, 0),
            "at": now,
        }
        for person_id, line in sorted(lines.items())
    ]
    await insert_many(session, _CHANGES, rows)
