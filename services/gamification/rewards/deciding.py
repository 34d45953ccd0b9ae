"""What becomes of a redemption: approved, rejected, handed over, taken back by its member. Said again, it changes nothing."""

from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.problems import ILLEGAL_TRANSITION, INVALID
from chassis.web.work import Work
from services.gamification.rewards import changes, problems
from services.gamification.rewards.codes import pickup_code, same_code
from services.gamification.rewards.models import Redemption, Reward
from services.gamification.rewards.redemption_access import SeenRedemption, allowed, refusal
from services.gamification.rewards.redemption_rules import LEADS_TO
from services.gamification.rewards.redemption_schemas import RedemptionFulfil, RedemptionReject


async def cancel(work: Work, key: UUID) -> SeenRedemption:
    """Take it back: points and stock are there again."""
    reward, seen = await _locked(work, key, "cancel")
    if _is_to_do(work, "cancel", seen):
        await changes.give_back(work.session, reward, seen.row, "cancelled", work.now, cause="cancelled")
        await _audit(work, seen.row, "cancel")
    return seen


async def reject(work: Work, key: UUID, body: RedemptionReject) -> SeenRedemption:
    """Refuse it, and say why."""
    reward, seen = await _locked(work, key, "reject")
    if _is_to_do(work, "reject", seen):
        said = {"reason": body.reason} | _by(seen)
        await changes.give_back(work.session, reward, seen.row, "rejected", work.now, cause="rejected", **said)
        await _audit(work, seen.row, "reject")
    return seen


async def approve(work: Work, key: UUID) -> SeenRedemption:
    """Say that they can have it."""
    _, seen = await _locked(work, key, "approve")
    if _is_to_do(work, "approve", seen):
        await changes.approve(work.session, seen.row, work.now, **_by(seen))
        await _audit(work, seen.row, "approve")
    return seen


async def fulfil(work: Work, key: UUID, body: RedemptionFulfil) -> SeenRedemption:
    """Say that they have it. Goods that are collected need the code of who collects them."""
    _, seen = await _locked(work, key, "fulfil")
    if _is_to_do(work, "fulfil", seen):
        row = seen.row
        if row.delivery == "pickup" and not same_code(pickup_code(work.session, row.id), body.pickup_code or ""):
            raise INVALID(errors=[problems.PICKUP_CODE])
        if body.tracking is not None and row.delivery != "shipping":
            raise INVALID(errors=[problems.TRACKING])
        await changes.fulfil(work.session, row, work.now, tracking=body.tracking, **_by(seen))
        await _audit(work, row, "fulfil")
    return seen


async def _locked(work: Work, key: UUID, action: str) -> tuple[Reward, SeenRedemption]:
    """The redemption under its lock, seen by who is allowed the action."""
    seen = await allowed(work, key, action)
    reward, row = await changes.locked(work.session, key)
    return reward, SeenRedemption(row, seen.standing, seen.mine, seen.decides)


def _is_to_do(work: Work, action: str, seen: SeenRedemption) -> bool:
    """False where this is what has become of it already. Raises `ILLEGAL_TRANSITION` where something else has."""
    if seen.row.status == LEADS_TO[action]:
        return False
    if refusal(action, seen, work.now) is not None:
        raise ILLEGAL_TRANSITION(state=seen.row.status)
    return True


def _by(seen: SeenRedemption) -> dict[str, Any]:
    return {"decided_by_id": seen.standing.member_id if seen.standing is not None else None}


async def _audit(work: Work, row: Redemption, action: str) -> None:
    await audit(work.session, work.caller, row, action, {"status": [None, row.status]}, work.now)
