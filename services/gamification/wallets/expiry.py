"""When a community's points run out, as its owner says."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from services.gamification.earning.rulebook import lock_rules
from services.gamification.ledger.expiring import begin
from services.gamification.ledger.models import ExpiryPolicy
from services.gamification.permissions import EARNING_RULES_READ, EARNING_RULES_WRITE
from services.gamification.wallets.schemas import ExpiryPut


async def read_policy(session: AsyncSession, *, caller: Caller, community_id: UUID, now: datetime) -> ExpiryPolicy:
    """When a community's points run out; never, where nobody has said anything."""
    await authorize(session, caller, EARNING_RULES_READ, community_id, now=now)
    return await session.get(ExpiryPolicy, community_id) or _never(community_id, now)


async def put_policy(
    session: AsyncSession, *, caller: Caller, community_id: UUID, body: ExpiryPut, now: datetime
) -> ExpiryPolicy:
    """Say when points run out. Saying the same again changes nothing; anything else leaves members 30 days from now at least."""
    standing = await authorize(session, caller, EARNING_RULES_WRITE, community_id, seen_by=EARNING_RULES_READ, now=now)
    await lock_rules(session, community_id)
    policy = await session.get(ExpiryPolicy, community_id, populate_existing=True) or _never(community_id, now)
    before = [policy.kind, policy.months]
    if before == [body.kind, body.months]:
        return policy
    policy.kind, policy.months, policy.since, policy.set_by = body.kind, body.months, now, caller.actor
    session.add(policy)
    if policy.kind != "never":
        await begin(session, policy, standing.community.day_of(now), now)
    await session.flush()
    changes = {"kind": [before[0], body.kind], "months": [before[1], body.months]}
    await audit(
        session, caller, AuditObject("community", community_id, community_id), "earning_rules.write", changes, now
    )
    return policy


def _never(community_id: UUID, now: datetime) -> ExpiryPolicy:
    return ExpiryPolicy(community_id=community_id, kind="never", since=now, set_by="system")
