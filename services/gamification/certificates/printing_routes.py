"""HTTP of certificates on paper."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import UNAVAILABLE
from chassis.runtime import Runtime
from chassis.security.caller import Caller
from chassis.typesetting import Form, TypesettingFailed
from chassis.web.dependencies import CallerDep, Localised, Now, RuntimeDep
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.gamification.certificates import service
from services.gamification.certificates.printing import printed
from services.gamification.certificates.problems import ALREADY_REVOKED
from services.gamification.certificates.views import link_of
from services.gamification.permissions import CERTIFICATES_READ

router = api_router(tags=["Certificates"])

ONE = "/v1/certificates/{certificate_id}"
PDF_TYPE: Final = "application/pdf"
SVG_TYPE: Final = "image/svg+xml"
Lang = Annotated[
    Locale | None,
    Query(description="The language; by default that of `Accept-Language`."),
    Closed("Locale", Locale),
]


@router.get(f"{ONE}/pdf")
@operation(permission=CERTIFICATES_READ, problems=[ALREADY_REVOKED], media_types=[PDF_TYPE])
async def read_certificate_pdf(
    certificate_id: UUID, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised, lang: Lang = None
) -> Response:
    """Read a certificate as PDF, with its font inside and a QR code that leads to where it is verified. Not one that was revoked."""
    return await _printed(caller, runtime, now, certificate_id, lang or locale, "pdf", PDF_TYPE)


@router.get(f"{ONE}/svg")
@operation(permission=CERTIFICATES_READ, problems=[ALREADY_REVOKED], media_types=[SVG_TYPE])
async def read_certificate_svg(
    certificate_id: UUID, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised, lang: Lang = None
) -> Response:
    """Read a certificate as SVG: every letter is drawn, so it looks the same without the font. Not one that was revoked."""
    return await _printed(caller, runtime, now, certificate_id, lang or locale, "svg", SVG_TYPE)


async def _printed(
    caller: Caller, runtime: Runtime, now: datetime, certificate_id: UUID, locale: Locale, form: Form, media_type: str
) -> Response:
    """Nothing of the database is held while it is set, two are at a time, and one of each caller: none can keep others waiting."""
    async with runtime.database.reading() as session:
        found = await service.printable(Work(session, now, caller, CERTIFICATES_READ), certificate_id)
    link = link_of(runtime, found.certificate.serial)
    async with runtime.interpreting.turn(caller.actor):
        try:
            file = await printed(
                found.certificate, found.wording, link=link, time_zone=found.time_zone, locale=locale, form=form
            )
        except TypesettingFailed:
            runtime.log.exception("certificate not set")
            raise UNAVAILABLE(
                "The certificate could not be set; try again.", "证书暂时无法生成，请重试。", retry_after=30
            ) from None
    named = f'attachment; filename="certificate-{certificate_id}.{locale}.{form}"'
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": named,
        "Content-Language": locale,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Vary": "Accept-Language",
    }
    return Response(file, media_type=media_type, headers=headers)
