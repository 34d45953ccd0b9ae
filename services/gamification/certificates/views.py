"""How certificates and templates become answers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from chassis.locale import Locale
from chassis.projections.communities import known_communities
from chassis.projections.members import embedded
from chassis.runtime import Runtime
from chassis.security.authority import CommunityFacts
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.certificates.access import SeenCertificate, refusal
from services.gamification.certificates.models import Certificate, CertificateTemplate
from services.gamification.certificates.rules import grouped, status_at
from services.gamification.certificates.schemas import (
    CertificateListed,
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


async def shown(work: Work, seen: SeenCertificate, locale: Locale) -> CertificatePublic:
    """A certificate as who may reads it, with what they can do."""
    [listed_as] = await listed(work, [seen.certificate], locale)
    return CertificatePublic(**dict(listed_as), viewer=_viewer(seen))


def _viewer(seen: SeenCertificate) -> Viewer:
    if seen.certificate.revoked_at is not None:
        return Viewer(can=[], cannot={})
    archived = seen.standing is not None and seen.standing.community.status == "archived"
    refused = refusal(seen)
    code = refused.code if refused is not None else "community_archived" if archived else None
    return Viewer.of({"revoke": code})


async def listed(work: Work, certificates: Sequence[Certificate], locale: Locale) -> list[CertificateListed]:
    """Certificates as lists show them to those who may read them."""
    named = {one.member_id for one in certificates} | {one.issued_by_id for one in certificates if one.issued_by_id}
    members = await embedded(work.session, named)
    where = await known_communities(work.session, {one.community_id for one in certificates})
    in_chinese = locale == "zh-CN"
    return [
        CertificateListed.model_validate(
            one.model_dump()
            | {
                "title": one.title_zh if in_chinese else one.title_en,
                "subject": one.subject_zh if in_chinese else one.subject_en,
                "last_day": _last_day(one.valid_until, where[one.community_id]),
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


def _last_day(valid_until: datetime | None, community: CommunityFacts) -> date | None:
    """The day that ends then."""
    if valid_until is None:
        return None
    return community.day_of(valid_until - timedelta(seconds=1))


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
