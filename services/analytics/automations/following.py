"""What sets automations off inside this service: insights, members at risk, and silence, which is looked for in the morning."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import Table
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.timers import Late, Timer, Timers, again, schedule_many
from services.analytics.automations.firing import fire, set_off
from services.analytics.automations.models import Automation, AutomationQuiet
from services.analytics.automations.queries import AT_ONCE, DAY_OF, SILENCES, SILENT, about
from services.analytics.automations.rules import CATCHES_UP, QUIET_FOR, Cause, listens_to
from services.analytics.facts.occasions import HistoryTold
from services.analytics.insights.occasions import Morning, Raised, RisksTold

LOOK: Final = "automations.look"

timers = Timers()

_quiets: Table = AutomationQuiet.__table__  # type: ignore[attr-defined]


async def keep_quiet(session: AsyncSession, told: HistoryTold) -> None:
    """What is found in history sets nothing off."""
    rows = [{"community_id": one, "history_at": told.at} for one in told.community_ids]
    await upsert_many(session, _quiets, rows, key=["community_id"], update=["history_at"])


async def _is_quiet(session: AsyncSession, community_id: UUID, at: datetime) -> bool:
    quiet = await session.get(AutomationQuiet, community_id)
    return quiet is not None and quiet.history_at + QUIET_FOR > at


async def follow_raised(session: AsyncSession, raised: Raised) -> None:
    """An insight sets off what listens to its rule."""
    if await _is_quiet(session, raised.community_id, raised.at):
        return
    heard = listens_to("insight", code=raised.code)
    causes = [Cause(raised.community_id, heard, "insight", one, severity=severity) for one, severity in raised.insights]
    await set_off(session, causes, raised.at)


async def follow_risks(session: AsyncSession, told: RisksTold) -> None:
    """A member at risk sets off what listens to that."""
    if await _is_quiet(session, told.community_id, told.at):
        return
    # Told of again, weeks later, it is another cause.
    causes = [
        Cause(told.community_id, listens_to("risk"), "risk", _of_time(one, told.at), one) for one in told.member_ids
    ]
    await set_off(session, causes, told.at)


def _of_time(member_id: UUID, at: datetime) -> UUID:
    return uuid5(member_id, at.isoformat())


async def follow_morning(session: AsyncSession, morning: Morning) -> None:
    """In the morning those are looked for who did nothing after joining."""
    found = await SILENCES.all(session, communities=list(morning.community_ids))
    await schedule_many(session, LOOK, dict.fromkeys(found, morning.at))


@timers.on(LOOK, late=Late.ENDING)
async def look(session: AsyncSession, timer: Timer) -> None:
    """Set one automation off for those who have been silent since they joined, some at a time."""
    automation = (await session.exec(select(Automation).where(col(Automation.id) == timer.subject_id))).first()
    if automation is None or automation.status != "on" or automation.days is None:
        return
    community = await DAY_OF.first(session, id=automation.community_id)
    if community is None or community.status != "open" or await _is_quiet(session, automation.community_id, timer.now):
        return
    until = timer.now - timedelta(days=automation.days)
    members = await SILENT.all(
        session,
        automation_id=automation.id,
        community_id=automation.community_id,
        after=until - CATCHES_UP,
        until=until,
        **about(automation),
    )
    causes = [Cause(automation.community_id, automation.listens_to, "member", one, one) for one in members]
    await fire(session, [automation], causes, timer.now)
    if len(members) == AT_ONCE:
        await again(session, timer)
