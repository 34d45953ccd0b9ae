"""HTTP of groupings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Response

from chassis.database.listing import of_community
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from services.membership.groups import grouping
from services.membership.groups.grouping_schemas import GroupingCreate, GroupingPlacePublic, GroupingPublic
from services.membership.groups.models import Grouping
from services.membership.groups.problems import GROUPS_STAND, NO_GROUPS
from services.membership.groups.queries import places_of
from services.membership.permissions import GROUPS_ARRANGE
from services.membership.refusals import UNKNOWN_COHORT
from services.membership.roster.queries import embedded_by_id

router = api_router(tags=["Groups"])

ALL = "/v1/groups/groupings"
ONE = "/v1/groups/groupings/{grouping_id}"


@router.post(ALL, status_code=202)
@operation(permission=GROUPS_ARRANGE, problems=[UNKNOWN_COHORT, GROUPS_STAND, NO_GROUPS])
async def create_grouping(body: GroupingCreate, work: Write, response: Response) -> GroupingPublic:
    """Plan groups that are alike: sizes differ by at most one, and so do the members of each department. It changes nothing yet.

    It takes the place of an earlier plan for the same members.
    """
    row = await grouping.plan(work, body)
    created(response, f"{ALL}/{row.id}")
    return _shown(row)


@router.get(ALL)
@operation(permission=GROUPS_ARRANGE.to_read)
async def list_groupings(community_id: UUID, work: Read, page: PageQuery) -> Page[GroupingPublic]:
    """List a community's groupings, the oldest first."""
    await work.permit(community_id)
    return await paginate(work.session, of_community(Grouping, community_id), page=page, to=_shown)


@router.get(ONE)
@operation(permission=GROUPS_ARRANGE.to_read)
async def read_grouping(grouping_id: UUID, work: Read) -> GroupingPublic:
    """Read a grouping. Ask again while it is `planning` or `applying`."""
    return _shown(await work.permitted(Grouping, grouping_id))


@router.get(f"{ONE}/places")
@operation(permission=GROUPS_ARRANGE.to_read)
async def list_grouping_places(grouping_id: UUID, work: Read, page: PageQuery) -> Page[GroupingPlacePublic]:
    """List who comes into which group, by its number."""
    await work.permitted(Grouping, grouping_id)

    async def shown(rows: Sequence[Any]) -> list[GroupingPlacePublic]:
        members = await embedded_by_id(work.session, [row.member_id for row in rows], work.now)
        return [
            GroupingPlacePublic(number=row.number, group_id=row.group_id, member=members[row.member_id]) for row in rows
        ]

    return await paginate_together(work.session, places_of(grouping_id), page=page, to=shown)


@router.post(f"{ONE}/apply", status_code=202)
@operation(permission=GROUPS_ARRANGE, problems=[ILLEGAL_TRANSITION, GROUPS_STAND])
async def apply_grouping(grouping_id: UUID, work: Write, response: Response) -> GroupingPublic:
    """Make the groups as they were planned, and put their members in. They have no leader yet."""
    row = await grouping.apply(work, grouping_id)
    created(response, f"{ALL}/{row.id}")
    return _shown(row)


def _shown(row: Grouping) -> GroupingPublic:
    return GroupingPublic(**row.model_dump(), late=row.of_id != row.id)
