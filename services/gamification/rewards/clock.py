"""What the clock does with redemptions: what nobody collects goes back."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers
from services.gamification.rewards import changes
from services.gamification.rewards.models import Redemption

timers = Timers()


@timers.on(changes.EXPIRES, late=Late.ENDING)
async def expire(session: AsyncSession, timer: Timer) -> None:
    """Give back what was approved and not collected for thirty days."""
    if await session.get(Redemption, timer.subject_id) is None:
        return
    reward, row = await changes.locked(session, timer.subject_id)
    if row.status == "approved" and row.collect_by is not None and row.collect_by <= timer.now:
        await changes.give_back(session, reward, row, "expired", timer.at, cause="not_collected")
