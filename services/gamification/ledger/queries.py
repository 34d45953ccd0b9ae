"""Reading the ledger."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.ledger.models import PostedTransfer

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]


_MEMBERS_AT_ONCE = 500


class Span(NamedTuple):
    """A member and the moments from `from_at` on and before `to_at`; None is open."""

    member_id: UUID
    from_at: datetime | None
    to_at: datetime | None


async def latest_counting_xp(session: AsyncSession, spans: Sequence[Span]) -> dict[Span, datetime]:
    """When the latest award of xp in each span happened that was not taken back; spans without one are left out."""
    by_member: defaultdict[UUID, list[Span]] = defaultdict(list)
    for span in spans:
        by_member[span.member_id].append(span)
    latest: dict[Span, datetime] = {}
    members = sorted(by_member)
    for start in range(0, len(members), _MEMBERS_AT_ONCE):
        chunk = members[start : start + _MEMBERS_AT_ONCE]
        moments = await _counting_moments(session, [span for member_id in chunk for span in by_member[member_id]])
        for member_id in chunk:
            for span in by_member[member_id]:
                found = moments.get(member_id, [])
                last = (len(found) if span.to_at is None else bisect_left(found, span.to_at)) - 1
                if last >= 0 and (span.from_at is None or found[last] >= span.from_at):
                    latest[span] = found[last]
    return latest


async def xp_since(
    session: AsyncSession, community_id: UUID, from_at: datetime, members: Collection[UUID]
) -> list[tuple[UUID, int, datetime]]:
    """Every change of these members' xp that is of this moment or later: whose, how much, and when it happened."""
    rows = await session.execute(
        select(_transfers.c.member_id, _transfers.c.amount, _transfers.c.credit, _transfers.c.occurred_at).where(
            among(session, _transfers.c.member_id, members),
            _transfers.c.community_id == community_id,
            _transfers.c.currency == "xp",
            _transfers.c.occurred_at >= from_at,
        )
    )
    return [(member_id, amount if credit == "wallet" else -amount, at) for member_id, amount, credit, at in rows]


async def _counting_moments(session: AsyncSession, spans: Sequence[Span]) -> dict[UUID, list[datetime]]:
    """When each member's awards of xp happened that were not taken back, in order, as far as the spans reach together."""
    reversal = _transfers.alias("reversal")
    statement = select(_transfers.c.member_id, _transfers.c.occurred_at).where(
        among(session, _transfers.c.member_id, {span.member_id for span in spans}),
        _transfers.c.currency == "xp",
        _transfers.c.credit == "wallet",
        _transfers.c.reverses.is_(None),
        ~exists().where(reversal.c.reverses == _transfers.c.id),
    )
    begins, ends = [span.from_at for span in spans], [span.to_at for span in spans]
    if None not in begins:
        statement = statement.where(_transfers.c.occurred_at >= min(begin for begin in begins if begin))
    if None not in ends:
        statement = statement.where(_transfers.c.occurred_at < max(end for end in ends if end))
    moments: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for member_id, at in await session.execute(statement):
        moments[member_id].append(at)
    for found in moments.values():
        found.sort()
    return moments
