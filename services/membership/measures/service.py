"""What rules want of members: it follows the rules in force, and is reminded of by the clock."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Table, delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.database.rows import existing
from chassis.timers import Late, Timer, Timers, again, cancel_many, schedule, schedule_many
from services.membership.communities.models import Community
from services.membership.measures import queries
from services.membership.measures.models import MeasuredDeed, RuleMeasure
from services.membership.measures.occasions import MeasureDue, measure_due
from services.membership.measures.rules import KEPT, Place, next_reminder, window_of
from services.membership.rule_sets.occasions import RulesPublished

REMIND: Final = "measures.remind"
AT_ONCE: Final = 500

timers = Timers()

_DEEDS: Table = MeasuredDeed.__table__  # type: ignore[attr-defined]


def place_of(community: Any) -> Place:
    """By which clock a community counts."""
    return Place(community.time_zone, community.day_starts_at)


async def follow_rules(session: AsyncSession, published: RulesPublished) -> None:
    """Want of members what the new version wants, under the lock of the community. What it leaves as it was goes on without a break."""
    community = await existing(session, Community, published.community_id)
    found = await session.execute(select(RuleMeasure).where(col(RuleMeasure.community_id) == community.id))
    before = {one.code: one for one in found.scalars().all()}
    wanted = {rule["code"]: rule["measure"] for rule in published.rules if rule.get("measure")}
    over = []
    for code, one in before.items():
        if wanted.get(code) == _says(one):
            one.rule_set_id = published.rule_set_id
            del wanted[code]
        else:
            over.append(one.id)
    if over:
        await cancel_many(session, REMIND, over)
        await session.execute(delete(RuleMeasure).where(col(RuleMeasure.id).in_(over)))
    due_at = {}
    for code, measure in wanted.items():
        one = RuleMeasure(
            community_id=community.id,
            rule_set_id=published.rule_set_id,
            code=code,
            since=published.at,
            **measure,
        )
        session.add(one)
        if one.op == "gte":
            # Whoever did too much cannot undo it before the window ends.
            due_at[one.id] = next_reminder(one.window, place_of(community), published.at)
    await session.flush()
    await schedule_many(session, REMIND, due_at)


def _says(one: RuleMeasure) -> dict[str, Any]:
    return {"metric": one.metric, "op": one.op, "value": one.value, "window": one.window}


@timers.on(REMIND, late=Late.ENDING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    """Remind those who are short before the window ends, some hundreds in a transaction; once it is over, nobody."""
    measure = await session.get(RuleMeasure, timer.subject_id, with_for_update=True)
    if measure is None:
        return
    community = await existing(session, Community, measure.community_id)
    place = place_of(community)
    window = window_of(measure.window, place.day_of(timer.due_at))
    ends_at = window.span(place)[1]
    if community.status == "open" and timer.now < ends_at:
        some = await queries.short_after(session, measure, window, place, measure.reminded_after, AT_ONCE)
        if some:
            due = MeasureDue(
                community.id, measure.rule_set_id, measure.id, window.first, ends_at, tuple(some), timer.due_at
            )
            await measure_due.happened(session, due)
        if len(some) == AT_ONCE:
            measure.reminded_after = some[-1]
            await again(session, timer)
            return
    measure.reminded_after = None
    await schedule(session, REMIND, measure.id, next_reminder(measure.window, place, timer.now))


@timers.every(timedelta(hours=1), kind="measures.forget")
async def forget_deeds(session: AsyncSession, timer: Timer) -> None:
    """Forget what no window needs any more."""
    await delete_some(session, _DEEDS, _DEEDS.c.day < timer.now.date() - KEPT)
