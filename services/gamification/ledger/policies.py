"""When points of communities run out."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.projections.communities import known_community
from chassis.security.authority import CommunityFacts
from services.gamification.ledger.lot_rules import GRACE, Due, first_lasting
from services.gamification.ledger.models import ExpiryPolicy


async def policies_of(session: AsyncSession, community_ids: Collection[UUID]) -> dict[UUID, ExpiryPolicy]:
    """The policies of those communities whose points run out."""
    rows = await session.exec(
        select(ExpiryPolicy).where(
            among(session, col(ExpiryPolicy.community_id), community_ids), col(ExpiryPolicy.kind) != "never"
        )
    )
    return {policy.community_id: policy for policy in rows}


async def dues(session: AsyncSession, community_ids: Collection[UUID], now: datetime) -> dict[UUID, Due]:
    """Which lots have run out as of now, by community; without those where none have."""
    found: dict[UUID, Due] = {}
    for community_id, policy in (await policies_of(session, community_ids)).items():
        community = await known_community(session, community_id)
        due = due_of(policy, community, now) if community is not None else None
        if due is not None:
            found[community_id] = due
    return found


def due_of(policy: ExpiryPolicy, community: CommunityFacts, now: datetime) -> Due | None:
    """Which lots have run out at a moment; None as long as the policy is too new for any."""
    today = community.day_of(now)
    began = community.began(today)
    if policy.since + GRACE > began:
        return None
    lasting = first_lasting(policy.kind, policy.months, today)  # type: ignore[arg-type]
    # A little before the first days that there are, no zone can say when a day began.
    lasting = max(lasting, date.min + timedelta(days=2))
    return Due(community.began(lasting), began)
