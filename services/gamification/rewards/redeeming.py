"""Asking for a reward: points are set aside and one is taken from stock, or nothing happens."""

from datetime import datetime
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, refused
from chassis.projections.workdays import work_calendar
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from chassis.working_time import due_after
from services.gamification.ledger.holds import POINTS_SHORT, hold
from services.gamification.ledger.service import lock_wallets
from services.gamification.permissions import REDEMPTIONS_CREATE
from services.gamification.rewards import changes, problems, queries, redemption_queries
from services.gamification.rewards.models import Redemption, Reward, offer_of
from services.gamification.rewards.redemption_access import SeenRedemption, decides
from services.gamification.rewards.redemption_rules import DECIDE_WITHIN
from services.gamification.rewards.redemption_schemas import RedemptionCreate
from services.gamification.rewards.rules import Buyer, refusal


async def redeem(work: Work, body: RedemptionCreate) -> SeenRedemption:
    """Ask for a reward at the cost that was seen. Raises the refusals of `problems.REDEEMING`."""
    standing = await authorize(work.session, work.caller, REDEMPTIONS_CREATE, body.community_id, own=True, now=work.now)
    member_id = standing.member_id
    if member_id is None:
        raise FORBIDDEN()
    reward = await existing(work.session, Reward, body.reward_id, lock=True)
    if not await queries.is_offered_in(work.session, reward.id, body.community_id):
        raise NOT_FOUND()
    if (body.recipient is not None) is not (reward.delivery == "shipping"):
        raise INVALID(errors=[problems.RECIPIENT])
    if body.cost_seen != reward.cost:
        raise problems.PRICE_CHANGED(cost=reward.cost)
    wallet = (await lock_wallets(work.session, {member_id: body.community_id}))[member_id]
    had = (await redemption_queries.bought(work.session, member_id, [reward.id])).get(reward.id, 0)
    buyer = Buyer(available=wallet.spendable, level=wallet.level_position, bought=had)
    code = refusal(offer_of(reward), buyer, work.now)
    if code == POINTS_SHORT.code:
        raise POINTS_SHORT(available=wallet.spendable, required=reward.cost)
    if code is not None:
        raise refused(code)
    row = _new(reward, body, member_id, work)
    row.decide_by = await _decide_by(work, standing)
    work.session.add(row)
    if reward.stock_left is not None:
        reward.stock_left -= 1
    await work.session.flush()
    held = await hold(
        work.session,
        wallet,
        amount=row.cost,
        key=f"redemption:{row.id}",
        object_kind="redemption",
        object_id=row.id,
        until=None,
        now=work.now,
    )
    row.hold_id = held.id
    await changes.tell(work.session, row, work.now)
    await audit(
        work.session,
        work.caller,
        row,
        "create",
        {"reward_id": [None, str(reward.id)], "cost": [None, row.cost]},
        work.now,
    )
    if row.fulfilment != "manual":
        await changes.approve(work.session, row, work.now)
    if row.fulfilment == "automatic":
        await changes.fulfil(work.session, row, work.now)
    return SeenRedemption(row, standing, mine=True, decides=decides(standing, work.caller))


def _new(reward: Reward, body: RedemptionCreate, member_id: UUID, work: Work) -> Redemption:
    return Redemption(
        community_id=body.community_id,
        member_id=member_id,
        reward_id=reward.id,
        reward_kind=reward.kind,
        title=reward.title,
        cost=reward.cost,
        market_value=reward.market_value,
        fulfilment=reward.fulfilment,
        delivery=reward.delivery,
        took_stock=reward.stock_left is not None,
        decide_by=work.now,
        created_at=work.now,
        **(body.recipient.columns() if body.recipient is not None else {}),
    )


async def _decide_by(work: Work, standing: Standing) -> datetime:
    calendar = await work_calendar(work.session)
    return due_after(work.now, DECIDE_WITHIN, time_zone=standing.community.time_zone, is_workday=calendar.is_workday)
