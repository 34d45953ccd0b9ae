"""Use cases of an inbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, and_, delete, or_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.rows import existing
from chassis.problems import INVALID, NOT_FOUND, FieldError
from chassis.security.caller import Caller
from chassis.timers import Late, Timer, Timers, cancel, schedule
from services.membership.notifications import queries, receipts
from services.membership.notifications.models import Notification, NotificationPreference
from services.membership.notifications.occasions import notified
from services.membership.notifications.rules import CRITICAL, LONGEST_SNOOZE
from services.membership.notifications.schemas import NotificationsRead, PreferenceChange
from services.membership.notifications.settling import changed, told_again
from services.membership.people.access import require_active

SNOOZE = "notifications.snooze"

timers = Timers()

_PREFERENCES: Table = NotificationPreference.__table__  # type: ignore[attr-defined]


async def read_line(session: AsyncSession, caller: Caller, line_id: UUID, now: datetime) -> Notification:
    """Mark one line as read; again it changes nothing. Raises `NOT_FOUND` for those of others."""
    line = await _own(session, caller, line_id, now)
    if line.read_at is None:
        line.read_at, line.snoozed_until = now, None
        await cancel(session, SNOOZE, line.id)
        await session.flush()
        await changed(session, {line.person_id: line.id}, "read", now)
        await receipts.note_read(session, line.person_id, now)
    return line


async def read_many(session: AsyncSession, caller: Caller, body: NotificationsRead, now: datetime) -> tuple[int, int]:
    """Mark lines as read, as the request says; how many became so, and how many are unread now.

    Raises `NOT_FOUND` for lines of others, and for communities in which the caller never was.
    """
    person = await require_active(session, caller)
    these = [col(Notification.person_id) == person.id, queries.unread_at(now)]
    if body.upto is not None:
        last = await _own(session, caller, body.upto, now)
        told_at = col(Notification.told_at)
        these.append(or_(told_at < last.told_at, and_(told_at == last.told_at, col(Notification.id) <= last.id)))
    if body.thread is not None:
        these.append(col(Notification.thread) == body.thread)
    if body.community_id is not None:
        if not await queries.was_member(session, person.id, body.community_id):
            raise NOT_FOUND()
        these.append(col(Notification.community_id) == body.community_id)
    result = await session.execute(update(Notification).where(*these).values(read_at=now))
    read: int = result.rowcount  # type: ignore[attr-defined]  # of an update
    if read:
        await changed(session, {person.id: None}, "read", now)
        await receipts.note_read(session, person.id, now)
    return read, (await queries.unread_of(session, [person.id], now)).get(person.id, 0)


async def read_threads(session: AsyncSession, person_id: UUID, threads: Sequence[str], now: datetime) -> None:
    """Mark somebody's lines of these threads as read: what they asked for is done. A line that sleeps comes up no more."""
    waiting = (col(Notification.read_at).is_(None), col(Notification.withdrawn_at).is_(None))
    these = update(Notification).where(
        col(Notification.person_id) == person_id, col(Notification.thread).in_(threads), *waiting
    )
    result = await session.execute(these.values(read_at=now, snoozed_until=None))
    if result.rowcount:  # type: ignore[attr-defined]  # of an update
        await changed(session, {person_id: None}, "read", now)
        await receipts.note_read(session, person_id, now)


async def snooze_line(
    session: AsyncSession, caller: Caller, line_id: UUID, until: datetime, now: datetime
) -> Notification:
    """Put a line out of sight until then. Raises `INVALID` for a moment that is not ahead, or too far."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise INVALID(
            errors=[
                FieldError(
                    "/until", "out_of_range", "Name a moment within the next 90 days.", "请选择未来 90 天内的时间。"
                )
            ]
        )
    line = await _own(session, caller, line_id, now)
    line.snoozed_until, line.read_at = until, None
    await schedule(session, SNOOZE, line.id, until)
    await session.flush()
    await changed(session, {line.person_id: line.id}, "read", now)
    await receipts.note_read(session, line.person_id, now)
    return line


@timers.on(SNOOZE, late=Late.ENDING)
async def come_back(session: AsyncSession, timer: Timer) -> None:
    """Tell again of a line whose rest is over."""
    line = await session.get(Notification, timer.subject_id, with_for_update=True)
    if line is None or line.snoozed_until is None or line.snoozed_until > timer.now:
        return
    line.snoozed_until = None
    if line.read_at is not None or line.withdrawn_at is not None:
        return
    line.told_at = timer.now
    await session.flush()
    await changed(session, {line.person_id: line.id}, "told", timer.now)
    await notified.happened(session, [told_again(line, news=f"again:{line.told_at.isoformat()}")])


async def change_preferences(
    session: AsyncSession, caller: Caller, changes: Sequence[PreferenceChange]
) -> dict[tuple[str, str], str]:
    """Keep what the caller wants differently; what they want in all. Raises `INVALID` for what cannot be switched off."""
    person = await require_active(session, caller)
    errors = [
        FieldError(f"/items/{number}/setting", "always_told", "This is always told at once.", "此类通知始终立即发送。")
        for number, change in enumerate(changes)
        if change.category in CRITICAL and change.setting not in (None, "now")
    ]
    errors += [
        FieldError(f"/items/{number}/setting", "not_daily", "The inbox has no daily message.", "站内信没有每日汇总。")
        for number, change in enumerate(changes)
        if change.channel == "inbox" and change.setting == "daily"
    ]
    if errors:
        raise INVALID(errors=errors)
    wanted = {(change.category, change.channel): change.setting for change in changes}
    table = _PREFERENCES.c
    usual = [key for key, setting in wanted.items() if setting is None]
    if usual:
        these = or_(*(and_(table.category == category, table.channel == channel) for category, channel in usual))
        await session.execute(delete(_PREFERENCES).where(table.person_id == person.id, these))
    rows = [
        {"person_id": person.id, "category": category, "channel": channel, "setting": setting}
        for (category, channel), setting in sorted(wanted.items())
        if setting is not None
    ]
    await upsert_many(session, _PREFERENCES, rows, key=["person_id", "category", "channel"], update=["setting"])
    return (await queries.said_by(session, [person.id])).get(person.id, {})


async def _own(session: AsyncSession, caller: Caller, line_id: UUID, now: datetime) -> Notification:
    person = await require_active(session, caller)
    line = await existing(session, Notification, line_id, lock=True)
    if line.person_id != person.id or not await queries.is_readable(session, line.id, now):
        raise NOT_FOUND()
    return line
