"""HTTP of reports."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import INVALID
from chassis.web.dependencies import Localised, Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.analytics.permissions import REPORTS_CREATE, REPORTS_READ
from services.analytics.reports import queries, service
from services.analytics.reports.files import HTML_TYPE, PDF_TYPE, unpacked
from services.analytics.reports.models import Report
from services.analytics.reports.problems import REPORT_NOT_READY, TOO_MANY_REPORTS
from services.analytics.reports.rules import Form, Kind, Status
from services.analytics.reports.schemas import KIND, LANGUAGE, STATUS, ReportCreate, ReportPublic
from services.analytics.reports.views import listed, shown

router = api_router(tags=["Reports"])

ALL = "/v1/reports"
ONE = f"{ALL}/{{report_id}}"
Lang = Annotated[Locale | None, Query(description="The language; by default that of `Accept-Language`."), LANGUAGE]
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.post(ALL, status_code=202)
@operation(
    permission=REPORTS_CREATE,
    problems=[INVALID, TOO_MANY_REPORTS],
    existing="The same report is being made already.",
)
async def create_report(body: ReportCreate, work: Write, response: Response, locale: Localised) -> ReportPublic:
    """Have a report made: figures against the days before, goals, insights that were acted upon. It names nobody.

    `status` says when it is `ready`; `files` are then a page and a PDF in both languages.
    """
    report, new = await service.ask(work, body)
    created(response, f"{ALL}/{report.id}")
    if not new:
        response.status_code = 200
    return await shown(work, report, locale)


@router.get(ALL)
@operation(permission=REPORTS_READ)
async def list_reports(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[ReportPublic]:
    """List a community's reports, the latest first: those of each week, and those that somebody asked for."""
    await work.permit(community_id)
    return await paginate_together(
        work.session,
        queries.listing(community_id, kind=kind, status=status),
        page=page,
        to=lambda rows: listed(work, rows, locale),
    )


@router.get(ONE)
@operation(permission=REPORTS_READ)
async def read_report(report_id: UUID, work: Read, locale: Localised) -> ReportPublic:
    """Read about a report, and where its files are."""
    return await shown(work, await work.permitted(Report, report_id), locale)


@router.get(f"{ONE}/page")
@operation(permission=REPORTS_READ, problems=[REPORT_NOT_READY], media_types=[HTML_TYPE])
async def read_report_page(report_id: UUID, work: Read, locale: Localised, lang: Lang = None) -> Response:
    """Read a report as an HTML page: no script, nothing from elsewhere, to be kept and printed."""
    return await _answered(work, report_id, lang or locale, "html", HTML_TYPE, {"Content-Security-Policy": _POLICY})


@router.get(f"{ONE}/pdf")
@operation(permission=REPORTS_READ, problems=[REPORT_NOT_READY], media_types=[PDF_TYPE])
async def read_report_pdf(report_id: UUID, work: Read, locale: Localised, lang: Lang = None) -> Response:
    """Read a report as PDF, with its font inside."""
    named = f'attachment; filename="report-{report_id}.{lang or locale}.pdf"'
    return await _answered(work, report_id, lang or locale, "pdf", PDF_TYPE, {"Content-Disposition": named})


async def _answered(
    work: Work, report_id: UUID, locale: Locale, form: Form, media_type: str, headers: dict[str, str]
) -> Response:
    kept = await service.read_file(work, report_id, locale, form)
    content = await asyncio.to_thread(unpacked, kept, form)
    said = {"Cache-Control": "private, no-store", "Content-Language": locale, "Vary": "Accept-Language"}
    return Response(content, media_type=media_type, headers=said | headers)
