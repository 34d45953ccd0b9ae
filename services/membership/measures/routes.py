"""HTTP of measures."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.web.dependencies import Read
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.communities.models import Community
from services.membership.measures import queries, views
from services.membership.measures.models import RuleMeasure
from services.membership.measures.rules import window_of
from services.membership.measures.schemas import MeasurePublic, ShortMember
from services.membership.measures.service import place_of
from services.membership.permissions import RULE_SETS_READ, RULE_SETS_WRITE
from services.membership.rule_sets import service as rule_sets
from services.membership.rule_sets.models import RuleSet
from services.membership.rule_sets.views import titles as rules_called

router = api_router(tags=["Rule sets"])

ALL = "/v1/rule-sets/{rule_set_id}/measures"


@router.get(ALL)
@operation(permission=RULE_SETS_READ)
async def list_measures(rule_set_id: UUID, work: Read, page: PageQuery) -> Page[MeasurePublic]:
    """List what the rules in force want of each member in each window, with the caller's own figures. Of other versions nothing is counted."""
    rule_set, standing, member = await rule_sets.visible(work, rule_set_id)
    runs = bool(rule_sets.DRAFTS_READ.reach(standing.columns))

    async def shown(rows: Sequence[RuleMeasure]) -> list[MeasurePublic]:
        titles = await rules_called(work, rule_set, standing) if rows else {}
        return await views.shown(work, rule_set.community_id, member, rows, runs=runs, titles=titles)

    return await paginate_together(work.session, queries.measures(rule_set_id), page=page, to=shown)


@router.get(f"{ALL}/{{code}}/short")
@operation(permission=RULE_SETS_WRITE.to_read)
async def list_short_members(
    rule_set_id: UUID, code: Annotated[str, Path(max_length=40)], work: Read, page: PageQuery
) -> Page[ShortMember]:
    """List the members who did not do what a rule wants in the window before this one. Nothing follows by itself: a person decides."""
    rule_set = await work.permitted(RuleSet, rule_set_id)
    measure = await queries.measure_of(work.session, rule_set_id, code)
    if measure is None:
        raise NOT_FOUND()
    place = place_of(await existing(work.session, Community, rule_set.community_id))
    window = window_of(measure.window, place.day_of(work.now)).before()

    async def shown(rows: Sequence[Any]) -> list[ShortMember]:
        return await views.short(work, rows, window)

    return await paginate_together(work.session, queries.short_in(measure, window, place), page=page, to=shown)
