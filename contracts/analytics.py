"""Messages of analytics: goals, learning records, insights, members at risk."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from contracts.base import IntegrationEvent
from contracts.fields import ObjectReference, Part, known


class MetricReference(Part):
    """A version of a metric's definition."""

    code: str
    version: int


class GoalState(IntegrationEvent):
    """A target on a metric."""

    community_id: UUID
    goal_id: UUID
    title: str
    metric: MetricReference | None = None
    baseline: float | None = None
    target: float
    direction: Annotated[str, known("up", "down")]
    starts_on: date
    due_on: date
    owner_id: UUID
    value: float | None = None


class GoalSet(GoalState, type="analytics.goal.set", subject="goal_id"): ...


class GoalAchieved(GoalState, type="analytics.goal.achieved", subject="goal_id"): ...


class GoalMissed(GoalState, type="analytics.goal.missed", subject="goal_id"): ...


class GoalWithdrawn(IntegrationEvent, type="analytics.goal.withdrawn", subject="goal_id"):
    """It is no goal any more, and has no result."""

    community_id: UUID
    goal_id: UUID


class LearningOf(IntegrationEvent):
    """Whose learning record it is, and of what: one for each person and source."""

    community_id: UUID
    record_id: UUID
    member_id: UUID
    person_id: UUID
    source: ObjectReference


class LearningRecorded(LearningOf, type="analytics.learning.recorded", subject="record_id", key="person_id"):
    """What somebody has of a source now: new, or otherwise than it was told before."""

    hours: float
    """As who learned."""
    taught_hours: float
    """As who taught, which counts apart."""
    share: float
    """Which part of it they were at, 0 to 1."""
    learned_at: datetime


class LearningRevoked(LearningOf, type="analytics.learning.revoked", subject="record_id", key="person_id"):
    """They have nothing of it after all."""


class InsightState(IntegrationEvent):
    """A problem that was found. Its figures are only numbers."""

    community_id: UUID
    insight_id: UUID
    code: str
    severity: str
    object: ObjectReference | None = None
    figures: dict[str, float] = {}


class InsightRaised(InsightState, type="analytics.insight.raised", subject="insight_id", restricted=True): ...


class InsightResolved(InsightState, type="analytics.insight.resolved", subject="insight_id", restricted=True): ...


class RiskDetected(IntegrationEvent, type="analytics.risk.detected", subject="member_id", restricted=True):
    """A member who seems likely to leave."""

    community_id: UUID
    member_id: UUID
    reasons: tuple[str, ...]
    last_active_on: date | None = None


class AutomationFired(IntegrationEvent, type="analytics.automation.fired", subject="firing_id", restricted=True):
    """An automation of a community was set off, by something or by nothing being done: once for a member and a cause.

    `tell` says who is to hear of it, without names: `the_member`, their `mentors`, or `operators`; absent, nobody is.
    """

    community_id: UUID
    firing_id: UUID
    automation_id: UUID
    title: str
    tell: str | None = None
    cause: ObjectReference
    member_id: UUID | None = None
