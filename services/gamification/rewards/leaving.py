"""Who leaves asks for nothing any more: what is not decided goes back. What is approved they still get."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.timers import Late, Timer, Timers, again, schedule
from contracts.membership import MEMBER_STATES
from services.gamification.rewards import changes
from services.gamification.rewards.models import Redemption

LEAVE: Final = "member.leaves_redemptions"

handlers, timers = Handlers(), Timers()


@handlers.on(*MEMBER_STATES)
async def follow_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Begin to give back what those who left have asked for."""
    for message in messages:
        if message.data.status in LEFT_STATUSES:
            await schedule(session, LEAVE, message.data.member_id, message.occurred_at)


@timers.on(LEAVE, late=Late.BEGINNING)
async def give_back(session: AsyncSession, timer: Timer) -> None:
    """Give back one, and come again for the next: each has a reward to lock."""
    member = await known_member(session, timer.subject_id)
    if member is None or member.status not in LEFT_STATUSES:
        return
    first = (
        select(col(Redemption.id))
        .where(col(Redemption.member_id) == timer.subject_id, col(Redemption.status) == "requested")
        .order_by(col(Redemption.created_at), col(Redemption.id))
        .limit(1)
    )
    key = (await session.execute(first)).scalar_one_or_none()
    if key is None:
        return
    reward, row = await changes.locked(session, key)
    if row.status == "requested":
        await changes.give_back(session, reward, row, "cancelled", timer.now, cause="left")
    await again(session, timer)
