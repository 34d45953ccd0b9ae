"""Use cases of insights: raised by hand, and what becomes of one."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.audit import audit
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import emit_many
from chassis.problems import INVALID, FieldError, refused
from chassis.projections.members import LEFT_STATUSES
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.analytics import InsightRaised, InsightResolved, InsightState
from services.analytics.base import known
from services.analytics.insights import problems
from services.analytics.insights.access import SeenInsight, permitted
from services.analytics.insights.effects import can_measure, plan
from services.analytics.insights.models import Insight
from services.analytics.insights.queries import has_cohort, today_in
from services.analytics.insights.rules import BY_HAND, RUNNING, Action, effect_due_on, refusal
from services.analytics.insights.schemas import (
    InsightAcknowledge,
    InsightAct,
    InsightClose,
    InsightPatch,
    InsightRaise,
)
from services.analytics.insights.telling import told_of
from services.analytics.permissions import INSIGHTS_ACT

_WHO: Prepared[Any] = Prepared(
    select(known.members.c.community_id, known.members.c.status, known.members.c.roles).where(
        known.members.c.id == bindparam("member_id")
    )
)

_TOLD = ("status", "owner_id", "changed_on", "metric", "cohort_id")
"""What the trail repeats: no text that somebody wrote."""


async def raise_by_hand(work: Work, body: InsightRaise) -> Insight:
    """Write down what somebody saw; where they say what they changed, it is acted upon from then on."""
    standing = await authorize(work.session, work.caller, INSIGHTS_ACT, body.community_id, now=work.now)
    if (body.change is None) != (body.changed_on is None):
        raise INVALID(errors=[problems.NO_CHANGE if body.change is None else problems.NO_DAY])
    wrong = await _wrong_metric(work, body.community_id, body.metric, body.cohort_id)
    await _require_known(work, body.community_id, owner_id=body.owner_id, cohort_id=body.cohort_id, wrong=wrong)
    insight = Insight(
        **body.model_dump(), code=BY_HAND, raised_by_id=standing.member_id, raised_at=work.now, status="new"
    )
    if body.changed_on is not None:
        await _require_past(work, body.community_id, body.changed_on)
        insight.sqlmodel_update(
            {
                "status": "acting",
                "acknowledged_at": work.now,
                "acting_at": work.now,
                "effect_due_on": effect_due_on(body.changed_on),
            }
        )
    work.session.add(insight)
    await tell(work, insight, InsightRaised)
    await plan(work.session, insight)
    made: dict[str, list[Any]] = {"status": [None, insight.status], "severity": [None, insight.severity]}
    await audit(work.session, work.caller, insight, "create", made, work.now)
    return insight


async def change(work: Work, key: UUID, body: InsightPatch, if_match: int) -> Insight:
    """Give an open insight to another owner, or write down something else about it."""
    insight = (await permitted(work, key, lock=True)).insight
    require_match(insight.version, if_match)
    _refuse("update", insight)
    wrong = await _wrong_metric(work, insight.community_id, body.metric, insight.cohort_id)
    await _require_known(work, insight.community_id, owner_id=body.owner_id, wrong=wrong)
    values = body.model_dump(exclude_unset=True)
    if values.get("metric", insight.metric) != insight.metric:
        values |= {"effect": None, "measured_at": None}
    edited = await work.edit(insight, values)
    await plan(work.session, insight)
    return edited


async def acknowledge(work: Work, key: UUID, body: InsightAcknowledge) -> Insight:
    """Take it up; nobody else need look at it."""
    seen = await _taken(work, key, "acknowledge")
    insight = seen.insight
    await _require_known(work, insight.community_id, owner_id=body.owner_id)
    owner_id = body.owner_id or insight.owner_id or seen.standing.member_id
    values: dict[str, Any] = {"status": "acknowledged", "owner_id": owner_id, "acknowledged_at": work.now}
    return await _turned(work, insight, "acknowledge", values, body.note)


async def act(work: Work, key: UUID, body: InsightAct) -> Insight:
    """Say what was changed about it, and since when."""
    insight = (await _taken(work, key, "act")).insight
    metric = body.metric if body.metric is not None else insight.metric
    wrong = await _wrong_metric(work, insight.community_id, metric, body.cohort_id)
    await _require_known(work, insight.community_id, cohort_id=body.cohort_id, wrong=wrong)
    changed_on = body.changed_on or await today_in(work.session, insight.community_id, work.now)
    await _require_past(work, insight.community_id, changed_on)
    values: dict[str, Any] = {
        "status": "acting",
        "acting_at": work.now,
        "change": body.change,
        "changed_on": changed_on,
        "effect_due_on": effect_due_on(changed_on),
        "cohort_id": body.cohort_id,
        "metric": metric,
    }
    await _turned(work, insight, "act", values, body.note)
    await plan(work.session, insight)
    return insight


async def resolve(work: Work, key: UUID, body: InsightClose) -> Insight:
    """Say that it is settled."""
    insight = (await _taken(work, key, "resolve")).insight
    await _turned(work, insight, "resolve", _closed(work, "resolved"), body.note)
    await tell(work, insight, InsightResolved)
    return insight


async def dismiss(work: Work, key: UUID, body: InsightClose) -> Insight:
    """Say that nothing is to be done about it."""
    insight = (await _taken(work, key, "dismiss")).insight
    return await _turned(work, insight, "dismiss", _closed(work, "dismissed"), body.note)


async def tell(work: Work, insight: Insight, kind: type[InsightState]) -> None:
    """Publish a new or locked insight as it is."""
    await work.session.flush()
    await emit_many(work.session, [told_of(insight, kind, work.now)])


async def _taken(work: Work, key: UUID, action: Action) -> SeenInsight:
    seen = await permitted(work, key, lock=True)
    _refuse(action, seen.insight)
    return seen


def _refuse(action: Action, insight: Insight) -> None:
    code = refusal(action, insight.status)
    if code is not None:
        raise refused(code, state=insight.status)


def _closed(work: Work, status: str) -> dict[str, Any]:
    return {"status": status, "closed_at": work.now}


async def _turned(work: Work, insight: Insight, action: str, values: dict[str, Any], note: str | None) -> Insight:
    if note is not None:
        values["note"] = note
    changes = changed_by(values, insight)
    insight.sqlmodel_update(values)
    insight.version += 1
    told: dict[str, list[Any]] = {name: changes[name] for name in _TOLD if name in changes}
    await audit(work.session, work.caller, insight, action, told, work.now)
    return insight


async def _require_past(work: Work, community_id: UUID, changed_on: date) -> None:
    if changed_on > await today_in(work.session, community_id, work.now):
        raise INVALID(errors=[problems.NOT_YET])


async def _require_known(
    work: Work,
    community_id: UUID,
    *,
    owner_id: UUID | None = None,
    cohort_id: UUID | None = None,
    wrong: Sequence[FieldError] = (),
) -> None:
    wrong = list(wrong)
    if owner_id is not None:
        row = await _WHO.first(work.session, member_id=owner_id)
        if row is None or not _runs(row, community_id):
            wrong.append(problems.NO_OWNER)
    if cohort_id is not None and not await has_cohort(work.session, community_id, cohort_id):
        wrong.append(problems.NO_COHORT)
    if wrong:
        raise INVALID(errors=wrong)


async def _wrong_metric(work: Work, community_id: UUID, metric: str | None, cohort_id: UUID | None) -> list[FieldError]:
    code = None if metric is None else await can_measure(work.session, community_id, metric, cohort_id)
    return [] if code is None else [problems.OF_METRICS[code]]


def _runs(row: Any, community_id: UUID) -> bool:
    community, status, roles = row
    return community == community_id and status not in LEFT_STATUSES and not RUNNING.isdisjoint(roles)
