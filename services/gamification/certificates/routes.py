"""HTTP of certificates."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, INVALID
from chassis.web.dependencies import Localised, Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.values import Moment
from services.gamification.certificates import service
from services.gamification.certificates.access import seen_certificate
from services.gamification.certificates.problems import (
    ALREADY_REVOKED,
    FOLLOWS_BY_ITSELF,
    TEMPLATE_ARCHIVED,
    UNKNOWN_MEMBER,
)
from services.gamification.certificates.rules import Kind, Status
from services.gamification.certificates.schemas import (
    KIND,
    STATUS,
    CertificateCreate,
    CertificateListed,
    CertificatePublic,
    CertificateRevoke,
)
from services.gamification.certificates.views import listed, shown
from services.gamification.permissions import CERTIFICATES_ISSUE, CERTIFICATES_READ, CERTIFICATES_REVOKE

router = api_router(tags=["Certificates"])

ALL = "/v1/certificates"
ONE = f"{ALL}/{{certificate_id}}"


@router.post(ALL, status_code=201)
@operation(
    permission=CERTIFICATES_ISSUE,
    problems=[ALREADY_EXISTS, CONFLICT_OF_INTEREST, INVALID, TEMPLATE_ARCHIVED, FOLLOWS_BY_ITSELF, UNKNOWN_MEMBER],
)
async def issue_certificate(
    body: CertificateCreate, work: Write, response: Response, locale: Localised
) -> CertificatePublic:
    """Issue a certificate by hand, to a member or to one who left; nobody issues one to themselves.

    It says what holds now: their name, the community's, what the template says. A later change of these does not change it.
    """
    seen = await service.issue_by_hand(work, body)
    created(response, f"{ALL}/{seen.certificate.id}")
    return await shown(work, seen, locale)


@router.get(ALL)
@operation(permission=CERTIFICATES_READ)
async def list_certificates(
    work: Read,
    page: PageQuery,
    locale: Localised,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own; without a community, in all of theirs.")] = False,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
    expires_before: Annotated[Moment | None, Query(description="Only those that end before that moment.")] = None,
) -> Page[CertificateListed]:
    """List certificates, the latest first. Members see their own, also when they have left; operators and owners everyone's."""
    found = await service.listing(
        work,
        community_id=community_id,
        member_id=member_id,
        mine=mine,
        kind=kind,
        status=status,
        expires_before=expires_before,
    )
    return await paginate_together(work.session, found, page=page, to=lambda rows: listed(work, rows, locale))


@router.get(ONE)
@operation(permission=CERTIFICATES_READ)
async def read_certificate(certificate_id: UUID, work: Read, locale: Localised) -> CertificatePublic:
    """Read a certificate."""
    return await shown(work, await seen_certificate(work, await service.readable(work, certificate_id)), locale)


@router.post(f"{ONE}/revoke")
@operation(permission=CERTIFICATES_REVOKE, problems=[ALREADY_REVOKED, CONFLICT_OF_INTEREST])
async def revoke_certificate(
    certificate_id: UUID, body: CertificateRevoke, work: Write, locale: Localised
) -> CertificatePublic:
    """Revoke a certificate and say why; never your own. Whoever verifies it is told that it was revoked."""
    return await shown(work, await service.revoke_by_hand(work, certificate_id, body), locale)
