"""To whom something was shipped is forgotten half a year after it was sent."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Timer, Timers
from services.gamification.rewards.models import Redemption

KEPT: Final = timedelta(days=180)
_AT_ONCE = 1_000

timers = Timers()


@timers.every(timedelta(hours=1), kind="redemptions.forget_recipients")
async def forget_recipients(session: AsyncSession, timer: Timer) -> None:
    """Forget name, phone, address and how it was followed of what was handed over long ago, some at a time."""
    over = (
        select(col(Redemption.id))
        .where(col(Redemption.recipient_name).is_not(None), col(Redemption.ended_at) < timer.now - KEPT)
        .limit(_AT_ONCE)
    )
    nobody = {"recipient_name": None, "recipient_phone": None, "recipient_address": None, "tracking": None}
    await session.execute(update(Redemption).where(col(Redemption.id).in_(over)).values(**nobody))
