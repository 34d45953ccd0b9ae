"""What changed in all inboxes, for whoever shows them live: one reader for each gateway, which goes on where it was.

A place is two numbers, `<transaction>.<seq>`. On PostgreSQL a transaction that began earlier may end later, so only changes of
transactions are given out before which none is still at work, in the order of transactions: nobody skips a change, and none comes twice.
On SQLite one writes at a time, and the first number is 0.

Changes are kept for a day. A place is good for an hour less, while its own row is there: then all behind it is there, too. For any other
the answer is `reset`. The last row of all is kept however old it is, so a reader who is at the end stays there through a quiet week.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, String, cast, func, or_, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.runtime import Runtime
from services.membership.notifications.models import NotificationChange
from services.membership.notifications.rules import CHANGES_KEPT
from services.membership.notifications.schemas import FeedAnswer, FeedItem

MOST: Final = 500
MOST_MISSED: Final = 200
PLACES_KEPT: Final = CHANGES_KEPT - timedelta(hours=1)
"""What is a little younger than another may be forgotten a sweep before it."""
LOOK_SECONDS: Final = 0.5
_PLACE: Final = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})")
_GREATEST: Final = 2**63 - 1
_xact, _seq = col(NotificationChange.xact), col(NotificationChange.seq)


def _ended(on: Any) -> Any:
    """That no transaction which is still at work can write anything before a change."""
    oldest = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger)
    return _xact < oldest if on.is_postgres else true()


def _behind(on: Any) -> Any:
    after: Any = bindparam("xact")
    return (
        select(NotificationChange)
        .where((_xact > after) | ((_xact == after) & (_seq > bindparam("seq"))), _ended(on))
        .order_by(_xact, _seq)
        .limit(bindparam("most"))
    )


_BEHIND: Prepared[Any] = Prepared(_behind)
_MISSED: Prepared[Any] = Prepared(
    lambda on: _behind(on).where(col(NotificationChange.person_id) == bindparam("person_id"))
)
_LAST: Prepared[Any] = Prepared(
    lambda on: select(_xact, _seq).where(_ended(on)).order_by(_xact.desc(), _seq.desc()).limit(1)
)
_AT: Prepared[Any] = Prepared(
    select(col(NotificationChange.at), _xact, _seq).where(
        or_(_xact == bindparam("xact"), bindparam("any")), _seq == bindparam("seq")
    )
)
_NOWHERE: Final = (0, 0)
_FIRST: Final = 1


def place_of(after: str) -> tuple[int, int] | None:
    """The two numbers of a place; None for what is no place, also where no database has numbers as great."""
    found = _PLACE.fullmatch(after)
    if found is None:
        return None
    xact, seq = int(found[1]), int(found[2])
    return (xact, seq) if max(xact, seq) <= _GREATEST else None


async def look(session: AsyncSession, place: tuple[int, int], most: int = MOST) -> FeedAnswer:
    """What lies behind a place now."""
    return _answer(await _BEHIND.all(session, xact=place[0], seq=place[1], most=most), place)


async def wait(runtime: Runtime, place: tuple[int, int] | None, seconds: float) -> FeedAnswer:
    """What lies behind a place, as soon as something does; nothing after so many seconds. Without a place, the place where all ends now."""
    until = time.monotonic() + seconds
    is_known = False
    while True:
        async with runtime.database.reading(primary=True) as session:
            if place is None:
                return await _end(session)
            found = await look(session, place)
            # Afterwards: as long as its row is there, nothing behind it was forgotten before that.
            if not is_known and not await _is_known(session, place, runtime.clock()):
                return await _end(session, reset=True)
            is_known = True
        if found.items or time.monotonic() >= until:
            return found
        await asyncio.sleep(min(LOOK_SECONDS, max(0.0, until - time.monotonic())))


async def missed(runtime: Runtime, place: tuple[int, int], person_id: UUID) -> FeedAnswer:
    """What changed for one person behind a place; `reset` if that is unknown, or so much that they had better read the list anew."""
    async with runtime.database.reading(primary=True) as session:
        rows = await _MISSED.all(session, xact=place[0], seq=place[1], person_id=person_id, most=MOST_MISSED + 1)
        if len(rows) > MOST_MISSED or not await _is_known(session, place, runtime.clock()):
            return await _end(session, reset=True)
        return _answer(rows, place)


async def _end(session: AsyncSession, *, reset: bool = False) -> FeedAnswer:
    last = await _LAST.first(session)
    return FeedAnswer(items=[], next=f"{last[0]}.{last[1]}" if last else f"{_NOWHERE[0]}.{_NOWHERE[1]}", reset=reset)


async def _is_known(session: AsyncSession, place: tuple[int, int], now: datetime) -> bool:
    """Whether all that lies behind a place is still kept. Behind nowhere lies the first change of all, if there ever was one."""
    nowhere = place == _NOWHERE
    found = await _AT.first(session, xact=place[0], seq=_FIRST if nowhere else place[1], any=nowhere)
    if found is not None and found.at > now - PLACES_KEPT:
        return True
    last = await _LAST.first(session)
    if last is None or found is None:
        return nowhere and last is None
    return (found.xact, found.seq) == tuple(last)


def _answer(rows: Sequence[Any], place: tuple[int, int]) -> FeedAnswer:
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
