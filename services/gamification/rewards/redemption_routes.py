"""HTTP of redemptions."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.gamification.permissions import (
    REDEMPTIONS_CANCEL,
    REDEMPTIONS_CREATE,
    REDEMPTIONS_DECIDE,
    REDEMPTIONS_READ,
)
from services.gamification.rewards import deciding, problems, reading, redeeming
from services.gamification.rewards.redemption_access import seen_redemption
from services.gamification.rewards.redemption_rules import Status
from services.gamification.rewards.redemption_schemas import (
    STATUS,
    RedemptionCreate,
    RedemptionFulfil,
    RedemptionPublic,
    RedemptionReject,
    VoucherPublic,
)
from services.gamification.rewards.redemption_views import listed, shown

router = api_router(tags=["Redemptions"])

ALL = "/v1/redemptions"
ONE = "/v1/redemptions/{redemption_id}"

DECIDING = [CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION]


@router.post(ALL, status_code=201)
@operation(permission=REDEMPTIONS_CREATE, problems=problems.REDEEMING)
async def create_redemption(body: RedemptionCreate, work: Write, response: Response) -> RedemptionPublic:
    """Ask for a reward: its points are set aside, and one is taken from stock."""
    seen = await redeeming.redeem(work, body)
    created(response, f"{ALL}/{seen.row.id}")
    return await shown(work, seen)


@router.get(ALL)
@operation(permission=REDEMPTIONS_READ)
async def list_redemptions(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own; without a community, in all of theirs.")] = False,
    status: Annotated[Status | None, Query(), STATUS] = None,
    reward_id: UUID | None = None,
    overdue: Annotated[bool, Query(description="Only those that should have been decided by now.")] = False,
) -> Page[RedemptionPublic]:
    """List redemptions, the latest first: a community's for those who decide, their own for others."""
    found = await reading.wanted(work, community_id, mine=mine)
    listing = reading.listing(found, status, reward_id, work.now if overdue else None)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: listed(work, rows, found))


@router.get(ONE)
@operation(permission=REDEMPTIONS_READ)
async def read_redemption(redemption_id: UUID, work: Read) -> RedemptionPublic:
    """Read a redemption: your own, or one of a community whose redemptions you decide."""
    return await shown(work, await seen_redemption(work, redemption_id))


@router.get(f"{ONE}/voucher")
@operation(permission=REDEMPTIONS_READ, problems=[problems.NO_CODE])
async def read_voucher(redemption_id: UUID, work: Write, response: Response) -> VoucherPublic:
    """Read the code of your voucher, or the one with which you collect what you redeemed. Each time is recorded."""
    response.headers["Cache-Control"] = "no-store"
    return VoucherPublic(code=await reading.code(work, redemption_id))


@router.post(f"{ONE}/cancel")
@operation(permission=REDEMPTIONS_CANCEL, problems=[ILLEGAL_TRANSITION])
async def cancel_redemption(redemption_id: UUID, work: Write) -> RedemptionPublic:
    """Take your redemption back: points and stock are there again. Again, it changes nothing."""
    return await shown(work, await deciding.cancel(work, redemption_id))


@router.post(f"{ONE}/approve")
@operation(permission=REDEMPTIONS_DECIDE, problems=DECIDING)
async def approve_redemption(redemption_id: UUID, work: Write) -> RedemptionPublic:
    """Say that they can have it. Again, it changes nothing."""
    return await shown(work, await deciding.approve(work, redemption_id))


@router.post(f"{ONE}/reject")
@operation(permission=REDEMPTIONS_DECIDE, problems=DECIDING)
async def reject_redemption(redemption_id: UUID, body: RedemptionReject, work: Write) -> RedemptionPublic:
    """Refuse it, and say why: points and stock go back. Again, it changes nothing."""
    return await shown(work, await deciding.reject(work, redemption_id, body))


@router.post(f"{ONE}/fulfil")
@operation(permission=REDEMPTIONS_DECIDE, problems=DECIDING)
async def fulfil_redemption(redemption_id: UUID, body: RedemptionFulfil, work: Write) -> RedemptionPublic:
    """Say that they have it: the points are spent. Again, it changes nothing."""
    return await shown(work, await deciding.fulfil(work, redemption_id, body))
