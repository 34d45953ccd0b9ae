"""Points granted, taken back, spent and run out told once more (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.postings import Moved, Posting
from services.gamification.ledger.telling import event_of

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
_MEMBERS: Final = 500


async def point_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every posting, or those from a moment on, by member in the order in which they were posted.

    Of what was told before versions were kept the version is how-manieth posting of the member it is: its transfers say which it is.
    """
    after: UUID | None = None
    while True:
        members = await _some_members(session, since, after)
        for member_id in members:
            for message in await _of_member(session, member_id):
                if since is None or message.occurred_at >= since:
                    yield message
        if len(members) < _MEMBERS:
            return
        after = members[-1]


async def _some_members(session: AsyncSession, since: datetime | None, after: UUID | None) -> list[UUID]:
    table = _transfers.c
    found = select(table.member_id).distinct().order_by(table.member_id).limit(_MEMBERS)
    if since is not None:
        found = found.where(table.occurred_at >= since)
    if after is not None:
        found = found.where(table.member_id > after)
    return list((await session.execute(found)).scalars())


async def _of_member(session: AsyncSession, member_id: UUID) -> list[Outgoing]:
    """All of them: what they had after each posting is summed up.

    In the order of the versions, which were given under the wallet's lock. Ids are made by clocks: one that lags makes the later one smaller.
    """
    table = _transfers.c
    found = select(_transfers).where(table.member_id == member_id)
    found = found.order_by(table.told_no.asc().nulls_first(), table.posting_id, table.id)
    rows = (await session.execute(found)).all()
    told = _Told()
    return [told.next(list(posting)) for _, posting in groupby(rows, key=lambda row: row.posting_id)]


class _Told:
    """What one member had after each of their postings."""

    def __init__(self) -> None:
        self.points = self.xp = self.number = 0

    def next(self, rows: Sequence[Any]) -> Outgoing:
        """The message of the transfers of one posting, of each in turn."""
        first, posting = rows[0], _posting(rows)
        points, xp = posting.gains()
        self.points, self.xp, self.number = self.points + points, self.xp + xp, self.number + 1
        event = event_of(posting, points=self.points, xp=self.xp)
        version = first.told_no or self.number
        return Outgoing(event, version, first.occurred_at, backfill=True, id=first.posting_id)


def _posting(rows: Sequence[Any]) -> Posting:
    first = rows[0]
    gained = {"points": 0, "xp": 0}
    for row in rows:
        gained[row.currency] += row.amount if row.credit == "wallet" else -row.amount
    undone = [Moved(row.reverses, row.currency, row.credit, row.debit, row.amount) for row in rows if row.reverses]
    return Posting(
        member_id=first.member_id,
        community_id=first.community_id,
        occurred_at=first.occurred_at,
        kind=first.kind,
        key="",
        source_id=first.source_id,
        source_type=first.source_type,
        points=gained["points"],
        xp=gained["xp"],
        reverses=undone,
        rule_code=first.rule_code,
        rule_version=first.rule_version,
        target_kind=first.target_kind,
        target_id=first.target_id,
        transfer_ids=[row.id for row in rows],
    )
