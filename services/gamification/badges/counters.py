"""What is counted of members, for many at once: what the service keeps already, and nothing else."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.badges.rules import Counter
from services.gamification.checkins.models import Streak
from services.gamification.earning.models import RecordedOccurrence, Withdrawal
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.ledger.models import Wallet

_deeds: Any = RecordedOccurrence.__table__  # type: ignore[attr-defined]
_withdrawn: Any = Withdrawal.__table__  # type: ignore[attr-defined]


async def counts_of(
    session: AsyncSession, members: Collection[UUID], counters: Iterable[Counter]
) -> dict[UUID, dict[Counter, int]]:
    """How far each counter is for each member. What was removed, and what somebody did to their own, does not count."""
    wanted = set(counters)
    counts: dict[UUID, dict[Counter, int]] = {member_id: {} for member_id in members}
    if not members or not wanted:
        return counts
    await _of_wallets(session, counts, wanted)
    await _of_streaks(session, counts, wanted)
    await _of_deeds(session, counts, wanted)
    return counts


async def _of_wallets(session: AsyncSession, counts: dict[UUID, dict[Counter, int]], wanted: set[Counter]) -> None:
    if not any(counter.name in {"xp", "level"} for counter in wanted):
        return
    statement = select(col(Wallet.member_id), col(Wallet.xp), col(Wallet.level_position)).where(
        among(session, col(Wallet.member_id), counts)
    )
    for member_id, xp, position in await session.execute(statement):
        counts[member_id][Counter("xp")], counts[member_id][Counter("level")] = xp, position


async def _of_streaks(session: AsyncSession, counts: dict[UUID, dict[Counter, int]], wanted: set[Counter]) -> None:
    if not any(counter.name in {"checkins", "longest_streak"} for counter in wanted):
        return
    statement = select(col(Streak.member_id), col(Streak.checkins), col(Streak.longest)).where(
        among(session, col(Streak.member_id), counts)
    )
    for member_id, checkins, longest in await session.execute(statement):
        counts[member_id][Counter("checkins")], counts[member_id][Counter("longest_streak")] = checkins, longest


async def _of_deeds(session: AsyncSession, counts: dict[UUID, dict[Counter, int]], wanted: set[Counter]) -> None:
    triggers = sorted({counter.trigger for counter in wanted if counter.trigger})
    if not triggers:
        return
    gone = exists().where(
        _withdrawn.c.state != "counts",
        or_(
            and_(_withdrawn.c.target_kind == _deeds.c.target_kind, _withdrawn.c.target_id == _deeds.c.target_id),
            and_(_withdrawn.c.target_kind == _deeds.c.about_kind, _withdrawn.c.target_id == _deeds.c.about_id),
        ),
    )
    # Once for each thing: an answer that is accepted again is one answer.
    thing = _deeds.c.target_kind + ":" + cast(_deeds.c.target_id, String)
    statement = (
        select(_deeds.c.member_id, _deeds.c.trigger, _deeds.c.beneficiary, func.count(thing.distinct()))
        .where(
            among(session, _deeds.c.member_id, counts),
            _deeds.c.trigger.in_(triggers),
            _deeds.c.own.is_(False),
            ~gone,
        )
        .group_by(_deeds.c.member_id, _deeds.c.trigger, _deeds.c.beneficiary)
    )
    for member_id, trigger, beneficiary, count in await session.execute(statement):
        counts[member_id][Counter("deeds", trigger, beneficiary)] = count


def counter(name: str, trigger: str | None, beneficiary: str | None) -> Counter:
    """The counter that is meant: of deeds whose beneficiary is not named, the first one that the trigger can pay."""
    if trigger is None:
        return Counter(name)
    return Counter(name, trigger, beneficiary or TRIGGERS.by_name[trigger].beneficiaries[0])
