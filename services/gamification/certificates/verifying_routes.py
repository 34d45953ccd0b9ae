"""HTTP of verifying certificates, for anybody who has a serial."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from chassis.locale import Locale
from chassis.problems import NOT_FOUND
from chassis.qr import qr_svg
from chassis.web.dependencies import Localised, Now, Reading, RuntimeDep
from chassis.web.media import JSON, preferred
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from services.gamification.certificates import service
from services.gamification.certificates.page import HEADERS, page_of
from services.gamification.certificates.schemas import CertificateVerified
from services.gamification.certificates.views import SERIALS, link_of, verified

router = api_router(tags=["Certificates"])

Serial = Annotated[
    str, Path(min_length=20, max_length=40, description="Letters of either case, with or without hyphens.")
]
Lang = Annotated[
    Locale | None,
    Query(description="The language of the page; by default that of `Accept-Language`."),
    Closed("Locale", Locale),
]
AS_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {"schema": {"type": "string", "format": "binary"}}}}
}
_VARIES: Final = {"Vary": "Accept, Accept-Language"}


@router.get(f"{SERIALS}/{{serial}}", responses=AS_PAGE)
@operation(public=True, problems=[NOT_FOUND], foreign_query=True)
async def verify_certificate(
    serial: Serial,
    session: Reading,
    now: Now,
    locale: Localised,
    request: Request,
    response: Response,
    lang: Lang = None,
) -> CertificateVerified:
    """Verify a certificate by its serial: whether it is valid, expired or revoked, and what it says. Needs no log-in.

    A browser, which asks for `text/html`, gets a page in the visitor's language. It works as well after the holder has left.
    """
    found = await service.verified(session, serial)
    said = verified(found, now)
    if preferred(request.headers.get("accept"), [JSON, "text/html"]) != "text/html":
        response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": HEADERS["X-Robots-Tag"]} | _VARIES)
        return said
    page = page_of(said, time_zone=found.time_zone, locale=lang or locale, qr=f"{SERIALS}/{said.serial}/qr")
    return HTMLResponse(page, headers=HEADERS | _VARIES)  # type: ignore[return-value]


@router.get(f"{SERIALS}/{{serial}}/qr")
@operation(public=True, problems=[NOT_FOUND], media_types=["image/svg+xml"])
async def read_certificate_qr(serial: Serial, session: Reading, runtime: RuntimeDep) -> Response:
    """Read where a certificate is verified as a QR code in SVG, for print."""
    found = await service.verified(session, serial)
    picture = qr_svg(link_of(runtime, found.serial))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})
