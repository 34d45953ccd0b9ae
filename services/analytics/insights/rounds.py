"""Each morning rules look at each community: what they find is raised, what they find no more is settled."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import partial
from typing import Any, Final, get_args
from uuid import UUID

from sqlalchemy import Table, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.statements import Prepared, bindparam
from chassis.days import local_day, moment_at
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, schedule_many
from contracts.analytics import InsightRaised, InsightResolved, RiskDetected
from services.analytics.base import known
from services.analytics.insights import finding
from services.analytics.insights.finding import FINDING, Look
from services.analytics.insights.finding_rules import (
    COOL_DOWN,
    MOST_AT_ONCE,
    RISK_AGAIN_AFTER,
    AtRisk,
    Code,
    Finding,
    worst_first,
)
from services.analytics.insights.models import Insight, InsightRound, MemberRisk
from services.analytics.insights.occasions import Morning, Raised, RisksTold, insights_raised, mornings, risks_told
from services.analytics.insights.telling import told_of

MORNING: Final = time(7)
"""By the community's clock: what was found is there when people begin to work."""
COMMUNITIES_AT_ONCE: Final = 200
RISKS_AT_ONCE: Final = 500
UNTOUCHED: Final = ("new", "acknowledged")
"""Nobody has changed anything about it yet: where the cause is gone, it is settled by itself."""

timers = Timers()

_communities: Table = known.communities
_rounds: Table = InsightRound.__table__  # type: ignore[attr-defined]
_risks: Table = MemberRisk.__table__  # type: ignore[attr-defined]

_OPEN_COMMUNITIES: Prepared[Any] = Prepared(
    select(_communities.c.id, _communities.c.time_zone, _rounds.c.day)
    .select_from(_communities.outerjoin(_rounds, _rounds.c.community_id == _communities.c.id))
    .where(_communities.c.status == "open")
)
_ZONE: Prepared[Any] = Prepared(
    select(_communities.c.status, _communities.c.time_zone, _communities.c.day_starts_at).where(
        _communities.c.id == bindparam("community_id")
    )
)
_LAST_CLOSED: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Insight.slot), func.max(col(Insight.closed_at)))
        .where(
            col(Insight.community_id) == bindparam("community_id"),
            on.among(col(Insight.slot), "slots"),
            col(Insight.closed_at).is_not(None),
        )
        .group_by(col(Insight.slot))
    )
)

_TOLD: Prepared[Any] = Prepared(
    lambda on: select(_risks.c.member_id).where(
        on.among(_risks.c.member_id, "ids"), _risks.c.told_at > bindparam("since")
    )
)
_KEPT: Prepared[MemberRisk] = Prepared(lambda on: select(MemberRisk).where(on.among(col(MemberRisk.member_id), "ids")))
_OVER: Prepared[Any] = Prepared(
    lambda on: (
        update(_risks)
        .where(
            _risks.c.community_id == bindparam("community_id"),
            _risks.c.still,
            ~on.among(_risks.c.member_id, "ids"),
        )
        .values(still=False)
    )
)
_STILL: Prepared[Any] = Prepared(
    lambda on: update(_risks).where(on.among(_risks.c.member_id, "ids"), ~_risks.c.still).values(still=True)
)


@timers.every(timedelta(minutes=15), kind="insights.morning")
async def begin(session: AsyncSession, timer: Timer) -> None:
    """Have rules look at the communities whose morning has come: once a day, and after a stop once."""
    due: dict[UUID, date] = {}
    for row in await _OPEN_COMMUNITIES.all(session):
        today = local_day(timer.now, time_zone=row.time_zone)
        if (row.day is None or row.day < today) and timer.now >= moment_at(today, MORNING, time_zone=row.time_zone):
            due[row.id] = today
    chosen = sorted(due)[:COMMUNITIES_AT_ONCE]
    rows = [{"community_id": one, "day": due[one]} for one in chosen]
    await upsert_many(session, _rounds, rows, key=["community_id"], update=["day"])
    for code in get_args(Code):
        await schedule_many(session, _kind(code), dict.fromkeys(chosen, timer.now))
    if chosen:
        await mornings.happened(session, Morning(chosen, timer.now))


def _kind(code: str) -> str:
    return f"insights.find.{code}"


async def look(code: Code, session: AsyncSession, timer: Timer) -> None:
    """Have one rule look at one community."""
    row = await _ZONE.first(session, community_id=timer.subject_id)
    if row is None or row.status != "open":
        return
    today = local_day(timer.now, time_zone=row.time_zone, day_starts_at=row.day_starts_at)
    at = Look(timer.subject_id, today, timer.now)
    if code == "members_about_to_leave":
        active_before, found = await finding.at_risk(session, at)
        await tell_risks(session, at, found)
        findings = finding.leavers(active_before, len(found))
    else:
        findings = await FINDING[code](session, at)
    await conclude(session, at, code, findings)


for _code in get_args(Code):
    timers.on(_kind(_code), late=Late.ENDING)(partial(look, _code))


async def conclude(session: AsyncSession, at: Look, code: Code, findings: Sequence[Finding]) -> None:
    """Raise what is new, refresh what nobody has looked at, and settle what is found no more."""
    open_ones = {one.slot: one for one in await _open(session, at.community_id, code)}
    by_slot = {one.slot: one for one in findings}
    told: list[Outgoing] = []
    for slot, insight in open_ones.items():
        found = by_slot.get(slot or "")
        if found is None and insight.status in UNTOUCHED:
            insight.sqlmodel_update({"status": "resolved", "closed_at": at.now, "version": insight.version + 1})
            told.append(told_of(insight, InsightResolved, at.now))
        elif found is not None and insight.status == "new" and found.figures != insight.figures:
            insight.sqlmodel_update(
                {"figures": dict(found.figures), "severity": found.severity, "version": insight.version + 1}
            )
    wanted = [one for one in findings if one.slot not in open_ones]
    room = MOST_AT_ONCE - sum(slot in by_slot for slot in open_ones)
    new = [_raised(one, at) for one in worst_first(await _not_cooling(session, at, code, wanted))[: max(room, 0)]]
    session.add_all(new)
    told += [told_of(insight, InsightRaised, at.now) for insight in new]
    await session.flush()
    await emit_many(session, told)
    if new:
        raised = [(insight.id, insight.severity) for insight in new]
        await insights_raised.happened(session, Raised(at.community_id, code, raised, at.now))


async def _open(session: AsyncSession, community_id: UUID, code: Code) -> Sequence[Insight]:
    open_ones = (
        select(Insight)
        .where(
            col(Insight.community_id) == community_id,
            col(Insight.code) == code,
            col(Insight.closed_at).is_(None),
            col(Insight.slot).is_not(None),
        )
        .order_by(col(Insight.id))
        .with_for_update()
    )
    return (await session.execute(open_ones)).scalars().all()


async def _not_cooling(session: AsyncSession, at: Look, code: Code, wanted: Sequence[Finding]) -> list[Finding]:
    if not wanted:
        return []
    slots = [one.slot for one in wanted]
    closed = dict(await _LAST_CLOSED.all(session, community_id=at.community_id, slots=slots))
    return [one for one in wanted if one.slot not in closed or closed[one.slot] + COOL_DOWN[code] <= at.now]


def _raised(one: Finding, at: Look) -> Insight:
    return Insight(
        community_id=at.community_id,
        code=one.code,
        severity=one.severity,
        object_kind=one.object_kind,
        object_id=one.object_id,
        title=None if one.title is None else one.title[:200],
        figures=dict(one.figures),
        slot=one.slot,
        raised_at=at.now,
    )


async def tell_risks(session: AsyncSession, at: Look, found: Sequence[AtRisk]) -> None:
    """Tell of members who seem likely to leave, of each once in four weeks; remember of whom it is so still."""
    ids = [one.member_id for one in found]
    recent = set(await _TOLD.all(session, ids=ids, since=at.now - RISK_AGAIN_AFTER)) if ids else set()
    await _OVER.run(session, community_id=at.community_id, ids=ids)
    await _STILL.run(session, ids=sorted(recent))
    due = [one for one in found if one.member_id not in recent][:RISKS_AT_ONCE]
    if not due:
        return
    kept = {one.member_id: one for one in await _KEPT.load(session, ids=[one.member_id for one in due])}
    told = []
    for one in due:
        risk = kept.get(one.member_id) or MemberRisk(
            member_id=one.member_id, community_id=at.community_id, told_at=at.now
        )
        risk.sqlmodel_update(
            {"reasons": list(one.reasons), "last_active_on": one.last_active_on, "told_at": at.now, "still": True}
        )
        session.add(risk)
        message = RiskDetected(
            community_id=at.community_id,
            member_id=one.member_id,
            reasons=one.reasons,
            last_active_on=one.last_active_on,
        )
        told.append(Outgoing(message, risk.bump(), at.now))
    await session.flush()
    await emit_many(session, told)
    await risks_told.happened(session, RisksTold(at.community_id, [one.member_id for one in due], at.now))
