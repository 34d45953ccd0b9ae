"""Which of a wallet's points run out soon."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.projections.communities import known_community
from services.gamification.ledger.lot_rules import GRACE, first_lasting, runs_out_on
from services.gamification.ledger.models import LotRow, Wallet
from services.gamification.ledger.policies import policies_of

SOON = timedelta(days=30)
"""Days of the community, not hours: the clock may be set back or forward meanwhile."""
_lots: Any = LotRow.__table__  # type: ignore[attr-defined]


async def running_out(session: AsyncSession, wallet: Wallet, now: datetime) -> list[tuple[datetime, int]]:
    """When points run out within 30 days, and how many, the next first."""
    if not wallet.lots_kept:
        return []
    policy = (await policies_of(session, [wallet.community_id])).get(wallet.community_id)
    community = await known_community(session, wallet.community_id)
    if policy is None or community is None:
        return []

    def next_beginning(at: datetime) -> datetime:
        day = community.day_of(at)
        return at if community.began(day) == at else community.began(day + timedelta(days=1))

    last_day = community.day_of(now) + SOON
    last = community.began(last_day)
    horizon = first_lasting(policy.kind, policy.months, last_day)  # type: ignore[arg-type]
    rows = await session.execute(
        select(_lots.c.earned_at, _lots.c.not_before, _lots.c.remaining).where(
            _lots.c.community_id == wallet.community_id,
            _lots.c.member_id == wallet.member_id,
            _lots.c.remaining > 0,
            _lots.c.earned_at < community.began(horizon),
            or_(_lots.c.not_before.is_(None), _lots.c.not_before <= last),
        )
    )
    found: defaultdict[datetime, int] = defaultdict(int)
    earliest = next_beginning(policy.since + GRACE)
    for earned_at, not_before, remaining in rows:
        at = max(community.began(runs_out_on(policy.kind, policy.months, community.day_of(earned_at))), earliest)  # type: ignore[arg-type]
        if not_before is not None:
            at = max(at, next_beginning(not_before))
        if now < at <= last:
            found[at] += remaining
    return sorted(found.items())
