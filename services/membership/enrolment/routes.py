"""HTTP of enrolment by rule."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from services.membership.enrolment import reading
from services.membership.enrolment.schemas import EnrolledPerson, EnrolmentKeep, EnrolmentPublic, NoLongerMatching
from services.membership.permissions import COMMUNITIES_UPDATE
from services.membership.refusals import UNKNOWN_MEMBER

router = api_router(tags=["Enrolment"])

ENROLMENT = "/v1/communities/{community_id}/enrolment"


@router.get(ENROLMENT)
@operation(permission=COMMUNITIES_UPDATE.to_read)
async def read_enrolment(community_id: UUID, work: Read) -> EnrolmentPublic:
    """Read how many the rule `assigned` of a community is about: before it is switched on, how many would join."""
    return await reading.overview(work, community_id)


@router.get(f"{ENROLMENT}/people")
@operation(permission=COMMUNITIES_UPDATE.to_read)
async def list_enrolment_people(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    left_out: Annotated[bool, Query(description="Those who match and were members before, instead.")] = False,
) -> Page[EnrolledPerson]:
    """List who matches and would join, by name."""
    listing = await reading.people(work, community_id, left_out=left_out)
    return await paginate(work.session, listing, page=page, to=EnrolledPerson.model_validate)


@router.get(f"{ENROLMENT}/no-longer-matching")
@operation(permission=COMMUNITIES_UPDATE.to_read)
async def list_no_longer_matching(community_id: UUID, work: Read, page: PageQuery) -> Page[NoLongerMatching]:
    """List the members who joined by the rule and match no more. Nobody removes them but you."""
    listing = await reading.no_longer_matching(work, community_id)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: reading.shown(work, rows))


@router.post(f"{ENROLMENT}/keep", status_code=204)
@operation(permission=COMMUNITIES_UPDATE, problems=[UNKNOWN_MEMBER])
async def keep_enrolled(community_id: UUID, body: EnrolmentKeep, work: Write) -> None:
    """Keep members who match no more, so that they are listed no longer."""
    await reading.keep(work, community_id, body.member_ids)
