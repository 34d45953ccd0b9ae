"""An insight as its messages have it."""

from datetime import datetime

from chassis.messaging.outbox import Outgoing
from contracts.analytics import InsightState
from contracts.fields import ObjectReference
from services.analytics.insights.models import Insight


def told_of(insight: Insight, kind: type[InsightState], at: datetime) -> Outgoing:
    """The message about a new or locked insight: numbers, and nothing that anybody wrote or searched for."""
    about = None
    if insight.object_kind is not None and insight.object_id is not None:
        about = ObjectReference(kind=insight.object_kind, id=insight.object_id)
    told = kind(
        community_id=insight.community_id,
        insight_id=insight.id,
        code=insight.code,
        severity=insight.severity,
        object=about,
        figures=insight.figures,
    )
    return Outgoing(told, insight.bump(), at)
