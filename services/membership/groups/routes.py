"""HTTP of groups."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION, INVALID
from chassis.security.authority import Standing, authorize
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.groups import queries, service
from services.membership.groups.access import SeenGroup, seen_group
from services.membership.groups.problems import (
    ALREADY_GROUPED,
    GROUP_FULL,
    NO_COMMUNITY,
    OTHER_COHORT,
    TOO_MANY_GROUPS,
)
from services.membership.groups.rules import Status
from services.membership.groups.schemas import (
    STATUS,
    GroupCreate,
    GroupMemberPublic,
    GroupMove,
    GroupPatch,
    GroupPublic,
)
from services.membership.groups.views import listed, members_shown, shown
from services.membership.permissions import GROUPS_ARRANGE, GROUPS_JOIN, GROUPS_LEAVE, GROUPS_READ, GROUPS_WRITE
from services.membership.refusals import UNKNOWN_COHORT, UNKNOWN_MEMBER

router = api_router(tags=["Groups"])

ALL = "/v1/groups"
ONE = "/v1/groups/{group_id}"

Named = Annotated[
    UUID | None, Query(description="Whom it is about, for service accounts; people speak for themselves.")
]


@router.post(ALL, status_code=201)
@operation(permission=GROUPS_WRITE, problems=[UNKNOWN_COHORT, UNKNOWN_MEMBER, TOO_MANY_GROUPS])
async def create_group(body: GroupCreate, work: Write, response: Response, locale: Localised) -> GroupPublic:
    """Form a group. Whoever forms it leads it, unless they run the community and name somebody else."""
    seen = await service.form(work, body)
    created(response, f"{ALL}/{seen.group.id}")
    return await _shown(work, seen, response, locale)


@router.get(ALL)
@operation(permission=GROUPS_READ)
async def list_groups(
    work: Read,
    page: PageQuery,
    locale: Localised,
    community_id: UUID | None = None,
    mine: Annotated[
        bool, Query(description="Only those that the caller belongs to; without a community, in all of theirs.")
    ] = False,
    cohort_id: UUID | None = None,
    status: Annotated[Status, Query(), STATUS] = "active",
    vacant: Annotated[bool, Query(description="Only those that nobody leads.")] = False,
) -> Page[GroupPublic]:
    """List the groups of a community, or those that the caller belongs to, the oldest first."""
    standings: dict[UUID, Standing] = {}
    if community_id is not None:
        standings[community_id] = await authorize(work.session, work.caller, GROUPS_READ, community_id, now=work.now)
    elif not mine:
        raise INVALID(errors=[NO_COMMUNITY])
    belonging: Collection[UUID] | None = None
    if mine:
        own = await queries.own_members(work.session, work.caller.id, work.now) if work.caller is not None else {}
        belonging = [one.id for one in own.values()]
    listing = queries.groups(
        community_id, belonging=belonging, cohort_id=cohort_id, dissolved=status == "dissolved", vacant=vacant
    )
    return await paginate_together(
        work.session, listing, page=page, to=lambda rows: listed(work, rows, standings, locale)
    )


@router.get(ONE)
@operation(permission=GROUPS_READ)
async def read_group(group_id: UUID, work: Read, response: Response, locale: Localised) -> GroupPublic:
    """Read a group."""
    return await _shown(work, await seen_group(work, group_id, of=GROUPS_READ), response, locale)


@router.get(f"{ONE}/members")
@operation(permission=GROUPS_READ)
async def list_group_members(group_id: UUID, work: Read, page: PageQuery) -> Page[GroupMemberPublic]:
    """List who belongs to a group, in the order in which they came."""
    seen = await seen_group(work, group_id, of=GROUPS_READ)
    return await paginate_together(
        work.session,
        queries.members_of(group_id),
        page=page,
        to=lambda rows: members_shown(work, seen.group, rows),
    )


@router.patch(ONE)
@operation(permission=GROUPS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_group(
    group_id: UUID, body: GroupPatch, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> GroupPublic:
    """Rename a group, say what it is for, how many it holds, or who leads it. Its leader may, and those who run the community."""
    return await _shown(work, await service.change(work, group_id, body, if_match), response, locale)


@router.post(f"{ONE}/dissolve")
@operation(permission=GROUPS_WRITE)
async def dissolve_group(group_id: UUID, work: Write, response: Response, locale: Localised) -> GroupPublic:
    """Dissolve a group: nobody belongs to it any more. Its leader may, and those who run the community."""
    return await _shown(work, await service.dissolve(work, group_id), response, locale)


@router.post(f"{ONE}/join")
@operation(
    permission=GROUPS_JOIN,
    problems=[ILLEGAL_TRANSITION, GROUP_FULL, OTHER_COHORT, ALREADY_GROUPED, TOO_MANY_GROUPS, UNKNOWN_MEMBER],
)
async def join_group(
    group_id: UUID, work: Write, response: Response, locale: Localised, member_id: Named = None
) -> GroupPublic:
    """Join a group."""
    return await _shown(work, await service.join(work, group_id, member_id), response, locale)


@router.post(f"{ONE}/leave")
@operation(permission=GROUPS_LEAVE, problems=[UNKNOWN_MEMBER])
async def leave_group(
    group_id: UUID, work: Write, response: Response, locale: Localised, member_id: Named = None
) -> GroupPublic:
    """Leave a group. If its leader leaves, who has belonged to it longest leads it. A group that a member formed is dissolved with its last one."""
    return await _shown(work, await service.leave(work, group_id, member_id), response, locale)


@router.post(f"{ONE}/add")
@operation(
    permission=GROUPS_ARRANGE,
    problems=[ILLEGAL_TRANSITION, GROUP_FULL, ALREADY_GROUPED, TOO_MANY_GROUPS, UNKNOWN_MEMBER],
)
async def add_group_members(
    group_id: UUID, body: GroupMove, work: Write, response: Response, locale: Localised
) -> GroupPublic:
    """Put up to 100 members into a group, all or none. Those who run the community may; others join themselves."""
    return await _shown(work, await service.put_in(work, group_id, body.member_ids), response, locale)


@router.post(f"{ONE}/remove")
@operation(permission=GROUPS_WRITE, problems=[ILLEGAL_TRANSITION, UNKNOWN_MEMBER])
async def remove_group_members(
    group_id: UUID, body: GroupMove, work: Write, response: Response, locale: Localised
) -> GroupPublic:
    """Take up to 100 members out of a group. Its leader may, and those who run the community."""
    return await _shown(work, await service.take_out(work, group_id, body.member_ids), response, locale)


async def _shown(work: Work, seen: SeenGroup, response: Response, locale: Locale) -> GroupPublic:
    answer = await shown(work, seen, locale)
    set_etag(response, seen.group.version)
    return answer
