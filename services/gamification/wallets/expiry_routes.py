"""HTTP of when points run out."""

from datetime import datetime
from uuid import UUID

from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from services.gamification.ledger.lot_rules import GRACE
from services.gamification.ledger.models import ExpiryPolicy
from services.gamification.permissions import EARNING_RULES_READ, EARNING_RULES_WRITE
from services.gamification.wallets import expiry
from services.gamification.wallets.schemas import ExpiryPublic, ExpiryPut

router = api_router(tags=["Wallets"])


@router.get("/v1/wallets/expiry")
@operation(permission=EARNING_RULES_READ)
async def read_points_expiry(community_id: UUID, caller: CallerDep, session: Reading, now: Now) -> ExpiryPublic:
    """Read when points of a community run out: never, so many months after they were earned, or at the end of the year."""
    return _public(await expiry.read_policy(session, caller=caller, community_id=community_id, now=now))


@router.put("/v1/wallets/expiry")
@operation(permission=EARNING_RULES_WRITE)
async def put_points_expiry(
    community_id: UUID, body: ExpiryPut, caller: CallerDep, session: Transaction, now: Now
) -> ExpiryPublic:
    """Say when points of a community run out. Nobody loses points within 30 days of this.

    The oldest points are spent first. Points that are held for something do not run out; given back, they last 30 days at least.
    """
    return _public(await expiry.put_policy(session, caller=caller, community_id=community_id, body=body, now=now))


def _public(policy: ExpiryPolicy) -> ExpiryPublic:
    begins: datetime | None = None if policy.kind == "never" else policy.since + GRACE
    return ExpiryPublic(community_id=policy.community_id, kind=policy.kind, months=policy.months, not_before=begins)
