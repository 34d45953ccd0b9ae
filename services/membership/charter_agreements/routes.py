"""HTTP of agreements to charters."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database.rows import existing
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.values import Version
from services.membership.charter_agreements import queries, service
from services.membership.charter_agreements.schemas import CharterAgreementPublic, MissingAgreement
from services.membership.communities.models import Charter
from services.membership.permissions import CHARTER_AGREEMENTS_GIVE, CHARTER_AGREEMENTS_LIST
from services.membership.refusals import SUPERSEDED
from services.membership.roster.models import Member

router = api_router(tags=["Communities"])

ONE = "/v1/communities/{community_id}/charters/{version}/agreements"


@router.post(ONE)
@operation(permission=CHARTER_AGREEMENTS_GIVE, problems=[SUPERSEDED])
async def agree_to_charter(community_id: UUID, version: Version, work: Write) -> CharterAgreementPublic:
    """Agree to the present version of a community's charter. Nothing is refused to who does not."""
    given = await service.agree(work, community_id, version)
    return CharterAgreementPublic.model_validate(given)


@router.get(f"{ONE}/missing")
@operation(permission=CHARTER_AGREEMENTS_LIST)
async def list_missing_agreements(
    community_id: UUID, version: Version, work: Read, page: PageQuery
) -> Page[MissingAgreement]:
    """List the members who have not agreed to a version of the charter, who joined first first."""
    await work.permit(community_id)
    await existing(work.session, Charter, (community_id, version))

    async def shown(rows: Sequence[Member]) -> list[MissingAgreement]:
        return await queries.shown_missing(work, rows)

    return await paginate_together(work.session, queries.missing(community_id, version), page=page, to=shown)
