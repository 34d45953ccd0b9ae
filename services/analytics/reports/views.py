"""How reports become answers."""

from collections.abc import Sequence
from typing import Any

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.web.work import Work
from services.analytics.metrics.schemas import MetricDays
from services.analytics.reports.files import MEDIA_TYPES
from services.analytics.reports.models import Report
from services.analytics.reports.queries import sizes
from services.analytics.reports.schemas import ReportFilePublic, ReportPublic
from services.analytics.reports.titles import said

_PATHS = {"html": "page", "pdf": "pdf"}


async def listed(work: Work, rows: Sequence[Report], locale: Locale) -> list[ReportPublic]:
    """Reports with their files."""
    members = await embedded(work.session, {one.requested_by_id for one in rows if one.requested_by_id is not None})
    files = await sizes(work.session, [one.id for one in rows])
    return [
        ReportPublic(
            id=one.id,
            community_id=one.community_id,
            kind=one.kind,
            title=said(one.kind, locale),
            from_=one.starts_on,
            to=one.ends_on,
            previous=_previous(one),
            status=one.status,
            failure=one.failure,
            as_of=one.as_of,
            requested_by=members[one.requested_by_id] if one.requested_by_id is not None else None,
            created_at=one.created_at,
            finished_at=one.finished_at,
            files=_files(one, files.get(one.id, [])),
        )
        for one in rows
    ]


async def shown(work: Work, row: Report, locale: Locale) -> ReportPublic:
    """One report."""
    return (await listed(work, [row], locale))[0]


def _previous(row: Report) -> MetricDays | None:
    if row.compared_from is None or row.compared_to is None:
        return None
    return MetricDays(from_=row.compared_from, to=row.compared_to)


def _files(report: Report, rows: Sequence[Any]) -> list[ReportFilePublic]:
    """Its files are there from the moment that it is ready: on PostgreSQL they are read a moment later than its status."""
    if report.status != "ready":
        return []
    return [_file(row) for row in sorted(rows, key=lambda row: (row.locale, row.form))]


def _file(row: Any) -> ReportFilePublic:
    return ReportFilePublic(
        form=row.form,
        language=row.locale,
        media_type=MEDIA_TYPES[row.form].partition(";")[0],
        size=row.size,
        href=f"/v1/reports/{row.report_id}/{_PATHS[row.form]}?lang={row.locale}",
    )
