"""What a sanction brought with it that is not taken back: what was cancelled stays refunded."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.penalties import MOST_LEFT, LeftAlone, Step
from services.gamification.rewards.models import Redemption


async def left_alone(session: AsyncSession, steps: Sequence[Step]) -> dict[UUID, list[LeftAlone]]:
    """By penalty, the redemptions that were cancelled while it lasted and should not have: their points are back, and so is the stock."""
    spared = {step.now: step.now.spared for step in steps if step.is_news}
    windows = {penalty: span for penalty, span in spared.items() if span is not None}
    if not windows:
        return {}
    lying = [
        and_(
            col(Redemption.member_id) == penalty.member_id,
            col(Redemption.ended_at) >= began,
            col(Redemption.ended_at) <= ended,
        )
        for penalty, (began, ended) in windows.items()
    ]
    rows = await session.execute(
        select(col(Redemption.id), col(Redemption.member_id), col(Redemption.ended_at))
        .where(col(Redemption.status) == "cancelled", or_(*lying))
        .order_by(col(Redemption.ended_at), col(Redemption.id))
        .limit(MOST_LEFT * len(windows))
    )
    found: dict[UUID, list[LeftAlone]] = {}
    for key, member_id, ended_at in rows:
        for penalty, (began, ended) in windows.items():
            if penalty.member_id == member_id and began <= ended_at <= ended:
                found.setdefault(penalty.id, []).append(LeftAlone("redemption", key, "stays_refunded"))
    return found
