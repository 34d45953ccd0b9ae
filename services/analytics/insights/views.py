"""How insights become answers."""

from collections.abc import Sequence
from typing import Final

from chassis.contributions import ObjectRef
from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.analytics.insights.finding_rules import Code
from services.analytics.insights.models import Insight
from services.analytics.insights.queries import at_risk
from services.analytics.insights.rules import POSSIBLE_FROM, refusal
from services.analytics.insights.schemas import InsightDetails, InsightPublic
from services.analytics.insights.wording import evidence_of, suggestion_of
from services.analytics.permissions import INSIGHTS_ACT, INSIGHTS_READ

ABOUT_MEMBERS: Final[Code] = "members_about_to_leave"


async def listed(work: Work, rows: Sequence[Insight], standing: Standing, locale: Locale) -> list[InsightPublic]:
    """Insights of one community, for somebody who may read them."""
    named = {one for row in rows for one in (row.owner_id, row.raised_by_id) if one is not None}
    members = await embedded(work.session, named)
    return [
        InsightPublic(
            **row.model_dump() | {"evidence": evidence_of(row, locale), "suggestion": suggestion_of(row, locale)},
            object=_object_of(row),
            owner=members[row.owner_id] if row.owner_id else None,
            raised_by=members[row.raised_by_id] if row.raised_by_id else None,
            viewer=viewer_of(row, standing),
        )
        for row in rows
    ]


async def shown(work: Work, row: Insight, locale: Locale) -> InsightDetails:
    """One insight, with the members whom it is about."""
    standing = await authorize(work.session, work.caller, INSIGHTS_READ, row.community_id, now=work.now)
    about = await at_risk(work.session, row.community_id) if row.code == ABOUT_MEMBERS else []
    members = await embedded(work.session, about)
    [insight] = await listed(work, [row], standing, locale)
    return InsightDetails(**insight.model_dump(), members=[members[one] for one in about])


def viewer_of(row: Insight, standing: Standing) -> Viewer:
    """What the caller can do with it, by the same rules as the commands."""
    refused_all = None
    if Reach.ALL not in INSIGHTS_ACT.reach(standing.columns):
        refused_all = "forbidden"
    elif standing.community.status == "archived":
        refused_all = "community_archived"
    answers = {action: refused_all or refusal(action, row.status) for action in POSSIBLE_FROM}
    return Viewer.of(answers)


def _object_of(row: Insight) -> ObjectRef | None:
    if row.object_kind is None or row.object_id is None:
        return None
    return ObjectRef(kind=row.object_kind, id=row.object_id)
