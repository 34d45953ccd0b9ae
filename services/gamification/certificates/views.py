"""How certificates and templates become answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from chassis.projections.members import embedded
from chassis.runtime import Runtime
from chassis.web.work import Work
from services.gamification.certificates.models import Certificate, CertificateTemplate
from services.gamification.certificates.rules import grouped, status_at
from services.gamification.certificates.schemas import (
    CertificateObject,
    CertificatePublic,
    CertificateVerified,
    TemplateAboutPublic,
    TemplatePublic,
)

SERIALS: Final = "/v1/certificates/serials"


def template_shown(template: CertificateTemplate) -> TemplatePublic:
    """A template with what it says now."""
    about = None
    if template.about is not None:
        about = TemplateAboutPublic(kind=template.about, id=template.about_id, code=template.about_code)
    return TemplatePublic.model_validate(
        template.model_dump() | {"archived": template.archived_at is not None, "about": about}
    )


async def shown(work: Work, certificates: Sequence[Certificate]) -> list[CertificatePublic]:
    """Certificates as those read them who may."""
    named = {one.member_id for one in certificates} | {one.issued_by_id for one in certificates if one.issued_by_id}
    members = await embedded(work.session, named)
    return [
        CertificatePublic.model_validate(
            one.model_dump()
            | {
                "serial": grouped(one.serial),
                "status": status_at(work.now, revoked_at=one.revoked_at, valid_until=one.valid_until),
                "object": CertificateObject(kind=one.object_kind, id=one.object_id),
                "member": members[one.member_id],
                "issued_by": members[one.issued_by_id] if one.issued_by_id else None,
                "verify_href": f"{SERIALS}/{grouped(one.serial)}",
            }
        )
        for one in certificates
    ]


def verified(found: Any, now: datetime) -> CertificateVerified:
    """What anybody is told of a certificate whose serial they have."""
    said = CertificateVerified.model_fields.keys() - {"serial", "status"}
    return CertificateVerified(
        **{name: getattr(found, name) for name in said},
        serial=grouped(found.serial),
        status=status_at(now, revoked_at=found.revoked_at, valid_until=found.valid_until),
    )


def link_of(runtime: Runtime, serial: str) -> str:
    """Where anybody verifies it: below the address by which the API is reached, which leads to a page for browsers."""
    return f"{(runtime.settings.public_url or '').rstrip('/')}{SERIALS}/{grouped(serial)}"
