"""Setting automations off: at most once by one cause for one member, told to services, and counted in an insight."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.projections.members import LEFT_STATUSES
from contracts.analytics import AutomationFired, InsightRaised
from contracts.fields import ObjectReference
from services.analytics.automations.models import Automation, AutomationFiring
from services.analytics.automations.queries import MEMBERS, ON
from services.analytics.automations.rules import Cause, Condition, Known, concerns
from services.analytics.insights.models import Insight
from services.analytics.insights.rules import AUTOMATED
from services.analytics.insights.telling import told_of

_firings: Table = AutomationFiring.__table__  # type: ignore[attr-defined]
NOBODY = UUID(int=0)


async def set_off(session: AsyncSession, causes: Sequence[Cause], now: datetime) -> None:
    """Let what listens to these causes happen."""
    if automations := await listening(session, {(one.community_id, one.listens_to) for one in causes}):
        await fire(session, automations, causes, now)


async def listening(session: AsyncSession, heard: Collection[tuple[UUID, str]]) -> Sequence[Any]:
    """The automations that listen to any of what was heard of communities; more of these communities may be among them."""
    if not heard:
        return []
    communities, listens_to = {one for one, _ in heard}, {one for _, one in heard}
    return await ON.all(session, communities=sorted(communities), listens_to=sorted(listens_to))


async def fire(session: AsyncSession, automations: Sequence[Any], causes: Sequence[Cause], now: datetime) -> int:
    """Fire those of the automations that the causes set off; returns how often."""
    await _queue_up(session, automations)
    members = await _known(session, causes)
    wanted: dict[UUID, tuple[Any, Cause]] = {}
    for automation in automations:
        condition = Condition(automation.cohort_id, automation.channel, automation.min_severity)
        for cause in causes:
            listens = (automation.community_id, automation.listens_to) == (cause.community_id, cause.listens_to)
            member = members.get(cause.member_id) if cause.member_id is not None else None
            if listens and concerns(condition, cause, member):
                wanted[_key(automation, cause)] = (automation, cause)
    rows = [_row(key, *wanted[key], now) for key in sorted(wanted)]
    new = await insert_new(session, _firings, rows, key=["id"])
    fired = [wanted[key] for key in sorted(wanted) if (key,) in new]
    await emit_many(session, [_told(*one, now) for one in fired])
    for automation in automations:
        times = sum(one.id == automation.id for one, _ in fired)
        if automation.raises and times:
            await _count_in_insight(session, automation, times, now)
    return len(fired)


async def _queue_up(session: AsyncSession, automations: Sequence[Any]) -> None:
    """Of those that raise, whoever else sets them off waits, so that their insight is open once.

    Before anything is written, and in one order: a row that names an automation holds it, too, for as long as others only name it.
    """
    raising = sorted(one.id for one in automations if one.raises)
    if raising:
        held = (
            select(col(Automation.id)).where(among(session, col(Automation.id), raising)).order_by(col(Automation.id))
        )
        await session.execute(held.with_for_update(key_share=True))


async def _known(session: AsyncSession, causes: Sequence[Cause]) -> Mapping[UUID, Known]:
    ids = sorted({one.member_id for one in causes if one.member_id is not None})
    rows = await MEMBERS.all(session, ids=ids) if ids else []
    return {row.id: Known(row.cohort_id, row.channel, row.roles, row.status in LEFT_STATUSES) for row in rows}


def _key(automation: Any, cause: Cause) -> UUID:
    return uuid5(automation.id, f"{cause.kind} {cause.id} {cause.member_id or NOBODY}")


def _row(key: UUID, automation: Any, cause: Cause, now: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "automation_id": automation.id,
        "community_id": automation.community_id,
        "cause_kind": cause.kind,
        "cause_id": cause.id,
        "member_id": cause.member_id,
        "at": now,
        # It is told once, below.
        "messages_published": 1,
    }


def _told(automation: Any, cause: Cause, now: datetime) -> Outgoing:
    message = AutomationFired(
        community_id=automation.community_id,
        firing_id=_key(automation, cause),
        automation_id=automation.id,
        title=automation.title,
        tell=automation.tell,
        cause=ObjectReference(kind=cause.kind, id=cause.id),
        member_id=cause.member_id,
    )
    return Outgoing(message, 1, now, backfill=False)


async def _count_in_insight(session: AsyncSession, automation: Any, times: int, now: datetime) -> None:
    """One open insight for each automation counts whom it concerned."""
    slot = f"{AUTOMATED} {automation.id}"
    found = select(Insight).where(
        col(Insight.community_id) == automation.community_id,
        col(Insight.slot) == slot,
        col(Insight.closed_at).is_(None),
    )
    insight = (await session.execute(found.with_for_update())).scalar_one_or_none()
    if insight is not None:
        insight.figures = {"times": insight.figures.get("times", 0) + times}
        insight.version += 1
        await session.flush()
        return
    insight = Insight(
        community_id=automation.community_id,
        code=AUTOMATED,
        severity=automation.severity,
        object_kind="automation",
        object_id=automation.id,
        title=automation.title,
        figures={"times": times},
        slot=slot,
        raised_at=now,
    )
    session.add(insight)
    await session.flush()
    await emit_many(session, [told_of(insight, InsightRaised, now)])
