"""HTTP of certifications."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS, INVALID
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.gamification.certifications import queries, service
from services.gamification.certifications.models import Certification
from services.gamification.certifications.problems import TOO_MANY_CERTIFICATIONS, UNKNOWN_TEMPLATE
from services.gamification.certifications.rules import Status
from services.gamification.certifications.schemas import (
    STATUS,
    CertificationCreate,
    CertificationPatch,
    CertificationPublic,
    CertificationRunPublic,
    Compliance,
)
from services.gamification.certifications.views import compliance, listed, runs_shown, shown
from services.gamification.permissions import CERTIFICATES_READ, CERTIFICATIONS_COMPLIANCE, CERTIFICATIONS_WRITE

router = api_router(tags=["Certifications"])

ALL = "/v1/certifications"
ONE = f"{ALL}/{{certification_id}}"


@router.post(ALL, status_code=201)
@operation(
    permission=CERTIFICATIONS_WRITE, problems=[ALREADY_EXISTS, INVALID, UNKNOWN_TEMPLATE, TOO_MANY_CERTIFICATIONS]
)
async def create_certification(
    body: CertificationCreate, work: Write, response: Response, locale: Localised
) -> CertificationPublic:
    """Ask members to show something, period by period. Who joins later, or comes into a department, is asked within a quarter of an hour.

    So is who leaves let go: what they have before them is closed, and goes on when they come back.
    """
    one = await service.create(work, body)
    created(response, f"{ALL}/{one.id}")
    set_etag(response, one.version)
    return await shown(work, one, locale)


@router.get(ALL)
@operation(permission=CERTIFICATIONS_COMPLIANCE)
async def list_certifications(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    archived: Annotated[bool, Query(description="Archived ones, too.")] = False,
) -> Page[CertificationPublic]:
    """List a community's certifications, the newest first."""
    await work.permit(community_id)
    found = queries.listing(community_id, archived=archived)
    return await paginate_together(work.session, found, page=page, to=lambda rows: listed(work, rows, locale))


@router.get(f"{ALL}/runs")
@operation(permission=CERTIFICATES_READ)
async def list_certification_runs(
    work: Read,
    page: PageQuery,
    locale: Localised,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own; without a community, in all of theirs.")] = False,
    certification_id: Annotated[UUID | None, Query(description="Only those of this certification.")] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[CertificationRunPublic]:
    """List periods of members, what is due first in front; earlier ones too. Members see their own; operators and owners everyone's."""
    found = await service.runs(
        work,
        community_id=community_id,
        member_id=member_id,
        mine=mine,
        certification_id=certification_id,
        status=status,
    )
    return await paginate_together(work.session, found, page=page, to=lambda rows: runs_shown(work, rows, locale))


@router.get(ONE)
@operation(permission=CERTIFICATES_READ)
async def read_certification(
    certification_id: UUID, work: Read, response: Response, locale: Localised
) -> CertificationPublic:
    """Read what a certification asks."""
    one = await service.readable(work, certification_id)
    set_etag(response, one.version)
    return await shown(work, one, locale)


@router.patch(ONE)
@operation(permission=CERTIFICATIONS_WRITE, problems=[ALREADY_EXISTS, TOO_MANY_CERTIFICATIONS])
async def update_certification(
    certification_id: UUID,
    body: CertificationPatch,
    if_match: IfMatch,
    work: Write,
    response: Response,
    locale: Localised,
) -> CertificationPublic:
    """Rename a certification, or archive it: then it is asked of nobody, and what was shown stays."""
    one = await service.change(work, certification_id, body, if_match)
    set_etag(response, one.version)
    return await shown(work, one, locale)


@router.get(f"{ONE}/compliance")
@operation(permission=CERTIFICATIONS_COMPLIANCE)
async def read_certification_compliance(certification_id: UUID, work: Read, locale: Localised) -> Compliance:
    """Read who fulfils a certification, by department and job grade: the active members of whom it is asked, each counted once."""
    return await compliance(work, await work.permitted(Certification, certification_id), locale)
