"""What conditions of rungs ask about members, read for many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.gamification.badges.awarding import held_codes
from services.gamification.badges.counters import counts_of
from services.gamification.base import known, penalties
from services.gamification.levels.rules import Facts, Rung

_SANCTIONS: Prepared[Any] = Prepared(
    lambda on: select(known.sanctions.c.id, known.sanctions.c.status, known.sanctions.c.until).where(
        on.among(known.sanctions.c.id, "ids")
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A member of a community, when they joined, and the rungs that ask something about them."""

    member_id: UUID
    community_id: UUID
    joined_at: datetime | None
    xp: int
    level_position: int
    rungs: tuple[Rung, ...]


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return None if first is None or second is None else max(first, second)


async def facts_of(session: AsyncSession, asked: Iterable[Asked], now: datetime) -> Mapping[UUID, Facts]:
    """What the rungs ask about each member, and no more than they ask."""
    everybody = list(asked)
    judged = [one.member_id for one in everybody if any(rung.no_live_penalty for rung in one.rungs)]
    live: dict[UUID, datetime | None] = {}
    if judged:
        for row in await _SANCTIONS.all(session, ids=judged):
            if row.status != "none" and (row.until is None or row.until > now):
                live[row.id] = row.until
        # Each comes by a message of its own, and may come before or after what follows from it for the member.
        for member_id, of_member in (await penalties.of_members(session, judged)).items():
            for penalty in of_member:
                if penalty.is_live(now):
                    live[member_id] = _later(live.get(member_id, penalty.until), penalty.until)
    collecting = [one.member_id for one in everybody if any(rung.badges for rung in one.rungs)]
    badges = await held_codes(session, collecting) if collecting else {}
    counting = [one.member_id for one in everybody if any(rung.counts for rung in one.rungs)]
    counters = {count.counter for one in everybody for rung in one.rungs for count in rung.counts}
    counts = await counts_of(session, counting, counters) if counting else {}
    return {
        one.member_id: Facts(
            joined_at=one.joined_at,
            penalised=one.member_id in live,
            penalty_until=live.get(one.member_id),
            badges=badges.get(one.member_id, ()),
            counts=counts.get(one.member_id, {}),
        )
        for one in everybody
    }
