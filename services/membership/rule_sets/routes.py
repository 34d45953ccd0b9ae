"""HTTP of rule sets."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION, NOT_FOUND
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from services.membership.permissions import RULE_SETS_ACKNOWLEDGE, RULE_SETS_READ, RULE_SETS_WRITE
from services.membership.refusals import SUPERSEDED
from services.membership.rule_sets import queries, service, views
from services.membership.rule_sets.models import RuleSet
from services.membership.rule_sets.schemas import (
    AcknowledgementPublic,
    MissingAcknowledgement,
    RuleSetCreate,
    RuleSetPatch,
    RuleSetPublic,
)

router = api_router(tags=["Rule sets"])

ONE = "/v1/rule-sets/{rule_set_id}"


@router.post("/v1/rule-sets", status_code=201)
@operation(permission=RULE_SETS_WRITE, problems=[ALREADY_EXISTS])
async def create_rule_set(body: RuleSetCreate, work: Write, response: Response) -> RuleSetPublic:
    """Begin a draft of a community's rules. There is one draft at a time."""
    rule_set = await service.create_rule_set(work, body)
    created(response, f"/v1/rule-sets/{rule_set.id}", rule_set.version)
    return await views.shown(work, rule_set, *await service.reading(work, rule_set.community_id))


@router.get("/v1/rule-sets")
@operation(permission=RULE_SETS_READ)
async def list_rule_sets(community_id: UUID, work: Read, page: PageQuery) -> Page[RuleSetPublic]:
    """List a community's rules, the newest version first. Drafts are listed to those who write them."""
    standing, _ = await service.reading(work, community_id)
    listing = queries.versions(community_id, drafts=bool(service.DRAFTS_READ.reach(standing.columns)))
    current = await queries.number_in_force(work.session, community_id)
    return await paginate(work.session, listing, page=page, to=lambda row: views.listed(row, current))


@router.get("/v1/rule-sets/current")
@operation(permission=RULE_SETS_READ)
async def read_current_rule_set(community_id: UUID, work: Read, response: Response) -> RuleSetPublic:
    """Read the rules in force in a community. Until there are some, the answer is 404."""
    standing, member = await service.reading(work, community_id)
    rule_set = await queries.current_of(work.session, community_id)
    if rule_set is None:
        raise NOT_FOUND()
    set_etag(response, rule_set.version)
    return await views.shown(work, rule_set, standing, member)


@router.get(ONE)
@operation(permission=RULE_SETS_READ)
async def read_rule_set(rule_set_id: UUID, work: Read, response: Response) -> RuleSetPublic:
    """Read a version of the rules, in force or not any more, or a draft."""
    rule_set, standing, member = await service.visible(work, rule_set_id)
    set_etag(response, rule_set.version)
    return await views.shown(work, rule_set, standing, member)


@router.patch(ONE)
@operation(permission=RULE_SETS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_rule_set(
    rule_set_id: UUID, body: RuleSetPatch, if_match: IfMatch, work: Write, response: Response
) -> RuleSetPublic:
    """Write the rules of a draft anew. What is published stays as it is for ever."""
    rule_set = await service.change_rule_set(work, rule_set_id, body, if_match)
    set_etag(response, rule_set.version)
    return await views.shown(work, rule_set, *await service.reading(work, rule_set.community_id))


@router.delete(ONE, status_code=204)
@operation(permission=RULE_SETS_WRITE, problems=[ILLEGAL_TRANSITION])
async def delete_rule_set(rule_set_id: UUID, work: Write) -> None:
    """Throw a draft away. What is published stays as it is for ever."""
    await service.discard_rule_set(work, rule_set_id)


@router.post(f"{ONE}/publish")
@operation(permission=RULE_SETS_WRITE, problems=[ILLEGAL_TRANSITION])
async def publish_rule_set(rule_set_id: UUID, work: Write, response: Response) -> RuleSetPublic:
    """Put a draft in force. Every member is asked to acknowledge it within 14 days, or within 14 days of joining."""
    rule_set = await service.publish_rule_set(work, rule_set_id)
    set_etag(response, rule_set.version)
    return await views.shown(work, rule_set, *await service.reading(work, rule_set.community_id))


@router.post(f"{ONE}/acknowledge")
@operation(permission=RULE_SETS_ACKNOWLEDGE, problems=[SUPERSEDED])
async def acknowledge_rule_set(rule_set_id: UUID, work: Write) -> AcknowledgementPublic:
    """Acknowledge the rules in force. Whoever could not post since their time was over can post at once."""
    rule_set, given, _ = await service.acknowledge(work, rule_set_id)
    return views.acknowledgement(rule_set, given)


@router.get(f"{ONE}/missing")
@operation(permission=RULE_SETS_WRITE.to_read)
async def list_missing_acknowledgements(
    rule_set_id: UUID,
    work: Read,
    page: PageQuery,
    overdue: Annotated[bool, Query(description="Only members whose time is over.")] = False,
) -> Page[MissingAcknowledgement]:
    """List the members who have not acknowledged the rules in force. Of other versions nobody is asked any more."""
    rule_set = await work.permitted(RuleSet, rule_set_id)
    listing = queries.missing(rule_set.community_id, rule_set.id, overdue=overdue, now=work.now)

    async def shown(rows: Sequence[object]) -> list[MissingAcknowledgement]:
        return await queries.shown_missing(work.session, rows, work.now)

    return await paginate_together(work.session, listing, page=page, to=shown)
