"""What changed in all inboxes, for whoever shows them live: one reader for each gateway, which goes on where it was.

A place is two numbers, `<transaction>.<seq>`. On PostgreSQL a transaction that began earlier may end later, so only changes of
transactions are given out before which none is still at work, in the order of transactions: nobody skips a change, and none comes twice.
On SQLite one writes at a time, and the first number is 0.
"""

import asyncio
import re
import time
from typing import Any, Final

from sqlalchemy import BigInteger, String, cast, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.runtime import Runtime
from services.membership.notifications.models import NotificationChange
from services.membership.notifications.schemas import FeedAnswer, FeedItem

MOST: Final = 500
LOOK_SECONDS: Final = 0.5
_PLACE: Final = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})")
_GREATEST: Final = 2**63 - 1
_xact, _seq = col(NotificationChange.xact), col(NotificationChange.seq)


def _behind(on: Any) -> Any:
    after: Any = bindparam("xact")
    statement = (
        select(NotificationChange)
        .where((_xact > after) | ((_xact == after) & (_seq > bindparam("seq"))))
        .order_by(_xact, _seq)
        .limit(bindparam("most"))
    )
    if on.is_postgres:
        oldest = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger)
        statement = statement.where(_xact < oldest)
    return statement


_BEHIND: Prepared[Any] = Prepared(_behind)
_LAST: Prepared[Any] = Prepared(select(_xact, _seq).order_by(_xact.desc(), _seq.desc()).limit(1))


def place_of(after: str) -> tuple[int, int] | None:
    """The two numbers of a place; None for what is no place, also where no database has numbers as great."""
    found = _PLACE.fullmatch(after)
    if found is None:
        return None
    xact, seq = int(found[1]), int(found[2])
    return (xact, seq) if max(xact, seq) <= _GREATEST else None


async def look(session: AsyncSession, place: tuple[int, int], most: int = MOST) -> FeedAnswer:
    """What lies behind a place now."""
    rows = await _BEHIND.all(session, xact=place[0], seq=place[1], most=most)
    items = [
        FeedItem(
            seq=f"{row.xact}.{row.seq}",
            person_id=row.person_id,
            kind=row.kind,
            notification_id=row.notification_id,
            unread=row.unread,
            at=row.at,
        )
        for row in rows
    ]
    return FeedAnswer(items=items, next=items[-1].seq if items else f"{place[0]}.{place[1]}")


async def wait(runtime: Runtime, place: tuple[int, int] | None, seconds: float) -> FeedAnswer:
    """What lies behind a place, as soon as something does; nothing after so many seconds. Without a place, the place where all ends now."""
    until = time.monotonic() + seconds
    while True:
        async with runtime.database.reading(primary=True) as session:
            if place is None:
                last = await _LAST.first(session)
                return FeedAnswer(items=[], next=f"{last[0]}.{last[1]}" if last else "0.0")
            found = await look(session, place)
        if found.items or time.monotonic() >= until:
            return found
        await asyncio.sleep(min(LOOK_SECONDS, max(0.0, until - time.monotonic())))
