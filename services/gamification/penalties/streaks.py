"""Days of a streak that lie in a sanction which should not have been: they are bridged, and cost no freeze."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.penalties import Step
from services.gamification.checkins.acceptance import accept
from services.gamification.checkins.models import Streak


async def bridge(session: AsyncSession, steps: Sequence[Step], now: datetime) -> set[UUID]:
    """Judge the days of members again of whose sanctions more, or less, should not have been; answers whose streak is another one now.

    Their wallets are locked.
    """
    concerned = {step.now.member_id: step.now.community_id for step in steps if step.now.spared != step.before.spared}
    before = await _lengths(session, concerned)
    if not before:
        return set()
    await accept(session, [], again={member_id: concerned[member_id] for member_id in before}, now=now)
    after = await _lengths(session, before)
    return {member_id for member_id, lengths in after.items() if lengths != before[member_id]}


async def _lengths(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """The streaks of those who ever checked in."""
    if not member_ids:
        return {}
    rows = await session.execute(
        select(col(Streak.member_id), col(Streak.current), col(Streak.longest), col(Streak.freezes_used)).where(
            among(session, col(Streak.member_id), member_ids)
        )
    )
    return {member_id: tuple(lengths) for member_id, *lengths in rows}
