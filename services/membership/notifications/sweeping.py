"""Forgetting what nobody reads any more, every hour."""

from datetime import timedelta

from sqlalchemy import Table, and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.notifications import rules
from services.membership.notifications.models import (
    Notification,
    NotificationChange,
    NotificationSource,
    NotificationThing,
)

timers = Timers()

_LINES: Table = Notification.__table__  # type: ignore[attr-defined]
_CHANGES: Table = NotificationChange.__table__  # type: ignore[attr-defined]
_SOURCES: Table = NotificationSource.__table__  # type: ignore[attr-defined]
_THINGS: Table = NotificationThing.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="notifications.sweep")
async def forget_old_notifications(session: AsyncSession, timer: Timer) -> None:
    """Delete lines 90 days after they were read or withdrawn, all a year after they were told, and what stands behind them."""
    now = timer.now
    long_ago = now - rules.READ_KEPT
    # What is told long ago is found by the index; what is read or withdrawn can only be told before.
    over = or_(_LINES.c.read_at < long_ago, _LINES.c.withdrawn_at < long_ago)
    await delete_some(session, _LINES, and_(_LINES.c.told_at < long_ago, over))
    await delete_some(session, _LINES, _LINES.c.told_at < now - rules.UNREAD_KEPT)
    # But the last of all, at which those stand who read them live: they would not know whether they missed anything.
    last = select(_CHANGES.c.seq).order_by(_CHANGES.c.xact.desc(), _CHANGES.c.seq.desc()).limit(1).scalar_subquery()
    over = and_(_CHANGES.c.at < now - rules.CHANGES_KEPT, _CHANGES.c.seq != last)
    await delete_some(session, _CHANGES, over)
    await delete_some(session, _SOURCES, _SOURCES.c.at < now - rules.SOURCES_KEPT)
    await delete_some(session, _THINGS, _THINGS.c.known_at < now - rules.THINGS_KEPT)
