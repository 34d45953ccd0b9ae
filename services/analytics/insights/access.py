"""An insight, and what the caller is in its community."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.analytics.insights.models import Insight
from services.analytics.permissions import INSIGHTS_READ


@dataclass(frozen=True, slots=True)
class SeenInsight:
    """An insight that the operation's permission reaches."""

    insight: Insight
    standing: Standing


async def permitted(work: Work, key: UUID, *, lock: bool = False) -> SeenInsight:
    """The insight. Raises `NOT_FOUND` also for who may not read insights: they do not learn which there are."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    insight = await existing(work.session, Insight, key, lock=lock)
    standing = await authorize(
        work.session, work.caller, work.permission, insight.community_id, seen_by=INSIGHTS_READ, now=work.now
    )
    return SeenInsight(insight, standing)
