"""Which redemptions somebody reads, and the code of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col

from chassis.audit import audit
from chassis.database.listing import Listing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, FieldError, Problem
from chassis.projections.members import own_memberships
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.gamification.permissions import REDEMPTIONS_READ
from services.gamification.rewards import problems, redemption_queries
from services.gamification.rewards.codes import pickup_code
from services.gamification.rewards.models import Redemption
from services.gamification.rewards.redemption_access import decides, seen_redemption
from services.gamification.rewards.redemption_rules import GIVEN_BACK

_NO_COMMUNITY = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose redemptions are read: a whole community's, or those of the caller's memberships, also of former ones."""

    community_id: UUID | None
    own: Sequence[UUID] = ()
    only_own: bool = True
    standings: Mapping[UUID, Standing] = field(default_factory=dict)
    decides: bool = False


async def wanted(work: Work, community_id: UUID | None, *, mine: bool) -> Wanted:
    """What the caller may have listed. Raises what `authorize` raises; who left reads what is their own."""
    if work.caller is None:
        raise NOT_FOUND()
    if community_id is None:
        if not mine:
            raise INVALID(errors=[_NO_COMMUNITY])
        return Wanted(None, await own_memberships(work.session, work.caller, former_too=True))
    try:
        standing = await authorize(work.session, work.caller, REDEMPTIONS_READ, community_id, own=True, now=work.now)
    except Problem:
        if work.caller.kind != "person":
            raise
        own = await own_memberships(work.session, work.caller, community_id=community_id, former_too=True)
        if not own:
            raise
        return Wanted(community_id, own)
    own = [standing.member_id] if standing.member_id is not None else []
    only_own = mine or not standing.sees_all
    if only_own and work.caller.kind != "person":
        raise FORBIDDEN()
    return Wanted(community_id, own, only_own, {community_id: standing}, decides(standing, work.caller))


def listing(found: Wanted, status: str | None, reward_id: UUID | None, overdue: datetime | None) -> Listing:
    """Their redemptions, the latest first."""
    whose: list[ColumnElement[bool]] = []
    if found.community_id is not None:
        whose.append(col(Redemption.community_id) == found.community_id)
    if found.only_own:
        whose.append(col(Redemption.member_id).in_(found.own))
    return redemption_queries.listing(whose, status, reward_id, overdue)


async def code(work: Work, key: UUID) -> str:
    """The code of the caller's own redemption; that it was read is recorded. Raises `NO_CODE`."""
    seen = await seen_redemption(work, key)
    if not seen.mine:
        raise FORBIDDEN()
    row = seen.row
    found: str | None = None
    if row.delivery == "pickup" and row.status == "approved":
        found = pickup_code(work.session, row.id)
    elif row.reward_kind == "voucher" and row.status not in GIVEN_BACK:
        found = await redemption_queries.code_of(work.session, key)
    if found is None:
        raise problems.NO_CODE()
    await audit(work.session, work.caller, row, "read_voucher", {}, work.now)
    return found
