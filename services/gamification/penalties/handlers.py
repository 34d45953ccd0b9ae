"""Integration events in: what membership says of penalties, and what follows from it here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from chassis.penalties import Step
from contracts.conduct import PENALTY_STATES
from services.gamification.base import penalties
from services.gamification.checkins.acceptance import hold
from services.gamification.ledger.wallets import look_at_wallets
from services.gamification.levels.service import look_again
from services.gamification.penalties.fines import settle_fines
from services.gamification.penalties.leaving import left_alone
from services.gamification.penalties.prizes import propose_lost_prizes
from services.gamification.penalties.streaks import bridge

handlers = Handlers()


@handlers.on(*PENALTY_STATES)
async def follow_penalties(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Apply the greatest revision of each penalty, in whatever order they come, and answer it once."""
    members = {message.data.member_id: message.data.community_id for message in messages}
    # The rules and wallets first: whatever else is counted for a member waits for them, too.
    wallets = await hold(session, members)
    levels = {member_id: wallet.level_position for member_id, wallet in wallets.items()}
    steps = await penalties.learn(session, messages)
    if not steps:
        return
    now = moment_of(session)
    gains = await settle_fines(session, steps, wallets, now)
    bridged = await bridge(session, steps, now)
    risen = await _judge_levels(session, steps, levels, now)
    left = await left_alone(session, steps)
    prizes = await propose_lost_prizes(session, steps, now)
    for step in steps:
        gain = gains.get(step.now.id, 0)
        undone = {
            "points_taken": max(-gain, 0),
            "points_given_back": max(gain, 0),
            "streaks": int(step.now.member_id in bridged),
            "levels": int(step.now.member_id in risen),
        }
        await penalties.answer(
            session, step, undone=undone, left=[*left.get(step.now.id, ()), *prizes.get(step.now.id, ())]
        )


async def _judge_levels(
    session: AsyncSession, steps: Sequence[Step], levels: Mapping[UUID, int], now: datetime
) -> set[UUID]:
    """Move these members on the ladder: a live penalty keeps them from a level, and takes none; answers who has a higher one now."""
    members = {step.now.member_id: step.now.community_id for step in steps if step.is_news}
    await look_again(session, members, now)
    after = await look_at_wallets(session, members)
    return {member_id for member_id, wallet in after.items() if wallet.level_position > levels[member_id]}
