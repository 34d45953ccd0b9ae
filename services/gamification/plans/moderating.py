"""What follows a decision of moderation about a note: a day whose plan requires one does not count without it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.projections.communities import known_community
from chassis.projections.workdays import work_calendar
from services.gamification.checkins.acceptance import hold
from services.gamification.plans.completing import settle
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.progress_rules import open_until

Found = Sequence[tuple[PlanEntry, CheckinPlan, PlanParticipant]]


async def lock(session: AsyncSession, text_id: UUID) -> Found:
    """The days with this note for plans that require one: their member's wallet, who takes part, and the days, locked."""
    of_text = (
        select(PlanEntry, CheckinPlan)
        .join(CheckinPlan, col(CheckinPlan.id) == col(PlanEntry.plan_id))
        .where(col(PlanEntry.text_id) == text_id, col(CheckinPlan.requires) == "note")
        .order_by(col(PlanEntry.plan_id))
    )
    plans = {entry.plan_id: plan for entry, plan in await session.execute(of_text)}
    first = (await session.execute(of_text.limit(1))).first()
    if first is None:
        return []
    member_id = first[0].member_id
    await hold(session, {member_id: first[0].community_id})
    mine = (
        select(PlanParticipant)
        .where(col(PlanParticipant.plan_id).in_(plans), col(PlanParticipant.member_id) == member_id)
        .order_by(col(PlanParticipant.plan_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.plan_id: row for row in (await session.execute(mine)).scalars()}
    days = (
        select(PlanEntry)
        .where(col(PlanEntry.text_id) == text_id, col(PlanEntry.plan_id).in_(plans))
        .order_by(col(PlanEntry.plan_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(days)).scalars()
    return [(entry, plans[entry.plan_id], rows[entry.plan_id]) for entry in found if entry.plan_id in rows]


async def take_verdict(session: AsyncSession, found: Any, verdict: str) -> None:
    """A note that is removed takes its days with it, which may be handed in again; one that is released brings them back."""
    now, removed = moment_of(session), verdict == "remove"
    changed = [one for one in found if one[0].removed is not removed]
    for entry, _, _ in changed:
        community = await known_community(session, entry.community_id)
        entry.removed = removed
        entry.version += 1
        if removed and community is not None:
            entry.open_until = open_until(now, time_zone=entry.time_zone, day_starts_at=community.day_starts_at)
        elif entry.status != "returned":
            entry.open_until = None
    if changed:
        calendar = await work_calendar(session)
        await settle(session, [(plan, row) for _, plan, row in changed], calendar, now)
