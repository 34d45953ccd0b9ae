"""What the clock does with redemptions: what nobody collects goes back."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import emit
from chassis.timers import Late, Timer, Timers
from contracts.gamification import RemindedPlan, ReminderDue
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


async def remind(session: AsyncSession, timer: Timer) -> None:
    """Remind of what was approved and is not collected."""
    row = await session.get(Redemption, timer.subject_id)
    if row is None or row.status != "approved" or row.collect_by is None:
        return
    reminder = ReminderDue(
        community_id=row.community_id,
        object=RemindedPlan(kind="redemption", id=row.id),
        title=row.title,
        due_at=row.collect_by,
        lead=f"{(row.collect_by - timer.due_at).days}_days",
        member_ids=(row.member_id,),
    )
    await emit(session, reminder, version=1, occurred_at=timer.at)


for _kind in changes.REMINDS:
    timers.on(_kind, late=Late.BEGINNING)(remind)
