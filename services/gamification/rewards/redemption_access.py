"""A redemption, what the caller is to it, and what they may do with it now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, ILLEGAL_TRANSITION, NOT_FOUND, Problem, ProblemType
from chassis.projections.members import known_member, member_for
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.gamification.permissions import REDEMPTIONS_CANCEL, REDEMPTIONS_DECIDE, REDEMPTIONS_READ
from services.gamification.rewards.models import Redemption
from services.gamification.rewards.redemption_rules import OWN, possible


@dataclass(frozen=True, slots=True)
class SeenRedemption:
    """A redemption that the caller reads. `standing` is None for who left and reads what is their own."""

    row: Redemption
    standing: Standing | None
    mine: bool
    decides: bool


async def seen_redemption(work: Work, key: UUID) -> SeenRedemption:
    """A redemption of the caller, also after they left, or of a community whose redemptions they read."""
    if work.caller is None:
        raise NOT_FOUND()
    row = await existing(work.session, Redemption, key)
    member = await member_for(
        work.session, work.caller, REDEMPTIONS_READ, row.member_id, work.now, former_too=True, seen_by=REDEMPTIONS_READ
    )
    mine = work.caller.kind == "person" and member.person_id == work.caller.id
    try:
        standing = await authorize(
            work.session, work.caller, REDEMPTIONS_READ, row.community_id, own=mine, now=work.now
        )
    except Problem:
        if not mine:
            raise
        return SeenRedemption(row, None, mine, decides=False)
    return SeenRedemption(row, standing, mine, decides(standing, work.caller))


async def allowed(work: Work, key: UUID, action: str) -> SeenRedemption:
    """A redemption that the caller may do this with, whatever state it is in. Raises `CONFLICT_OF_INTEREST` and what `authorize` raises."""
    if work.permission is None:
        raise TypeError("an operation that does something declares a permission")
    row = await existing(work.session, Redemption, key)
    member = await known_member(work.session, row.member_id)
    person = work.caller is not None and work.caller.kind == "person"
    mine = person and member is not None and work.caller is not None and member.person_id == work.caller.id
    standing = await authorize(
        work.session,
        work.caller,
        work.permission,
        row.community_id,
        own=mine,
        seen_by=REDEMPTIONS_READ,
        now=work.now,
    )
    seen = SeenRedemption(row, standing, mine, decides(standing, work.caller))
    code = forbidden(action, seen)
    if code is not None:
        raise code()
    return seen


def decides(standing: Standing, caller: Caller | None) -> bool:
    """Whether somebody decides about a community's redemptions; a service account needs the scope for it."""
    if caller is not None and caller.kind == "service" and REDEMPTIONS_DECIDE.name not in caller.scopes:
        return False
    return Reach.ALL in REDEMPTIONS_DECIDE.reach(standing.columns)


def forbidden(action: str, seen: SeenRedemption) -> ProblemType | None:
    """Why the caller cannot do this with it in whatever state."""
    if action in OWN:
        may = seen.standing is not None and bool(REDEMPTIONS_CANCEL.reach(seen.standing.columns))
        return None if seen.mine and may else FORBIDDEN
    if not seen.decides:
        return FORBIDDEN
    return CONFLICT_OF_INTEREST if seen.mine else None


def refusal(action: str, seen: SeenRedemption, now: datetime) -> ProblemType | None:
    """Why the caller cannot do this with it now; None where they can."""
    row = seen.row
    if (code := forbidden(action, seen)) is not None:
        return code
    fits = possible(action, status=row.status, fulfilment=row.fulfilment, approved_at=row.approved_at, now=now)
    return None if fits else ILLEGAL_TRANSITION
