"""Use cases of reports that somebody asks for."""

from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from chassis.audit import audit
from chassis.jobs import start_job
from chassis.locale import Locale
from chassis.problems import INVALID, NOT_FOUND
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.analytics.insights.queries import today_in
from services.analytics.metrics.rules import before
from services.analytics.permissions import REPORTS_CREATE
from services.analytics.reports import problems, queries
from services.analytics.reports.making import MAKE
from services.analytics.reports.models import Report, ReportFile
from services.analytics.reports.rules import LONGEST, Form, asked_slot
from services.analytics.reports.schemas import ReportCreate

MOST_AT_WORK: Final = 5
"""How many of a community may be made at a time: each reads all its figures."""
MOST_KEPT: Final = 200
"""How many that somebody asked for are kept of a community; for a new one the oldest goes."""
_AT_ONCE: Final = 100


async def ask(work: Work, body: ReportCreate) -> tuple[Report, bool]:
    """Have a report made, and whether it is a new one: the same one that is being made goes on.

    Raises `INVALID` for days that are none of a report, and `TOO_MANY_REPORTS`.
    """
    standing = await authorize(work.session, work.caller, REPORTS_CREATE, body.community_id, now=work.now)
    await _check(work, body)
    await queries.hold(work.session, body.community_id)
    slot = asked_slot(body.from_, body.to, compared=body.compare is not None)
    there = await queries.in_slot(work.session, body.community_id, slot)
    if there is not None:
        return there, False
    if await queries.under_way(work.session, body.community_id) >= MOST_AT_WORK:
        raise problems.TOO_MANY_REPORTS(limit=MOST_AT_WORK)
    previous = before(body.from_, body.to) if body.compare is not None else None
    report = Report(
        community_id=body.community_id,
        kind="asked",
        slot=slot,
        starts_on=body.from_,
        ends_on=body.to,
        compared_from=previous.starts_on if previous else None,
        compared_to=previous.ends_on if previous else None,
        requested_by_id=standing.member_id,
        created_at=work.now,
    )
    work.session.add(report)
    await work.session.flush()
    await _forget_oldest(work, body.community_id)
    params = {"report_id": str(report.id)}
    await start_job(
        work.session, MAKE, params, caller=work.caller, now=work.now, community_id=body.community_id, total=1
    )
    days = {"from": [None, body.from_.isoformat()], "to": [None, body.to.isoformat()]}
    await audit(work.session, work.caller, report, "create", days, work.now)
    return report, True


async def _check(work: Work, body: ReportCreate) -> None:
    if body.to < body.from_:
        raise INVALID(errors=[problems.BACKWARDS])
    if (days := (body.to - body.from_).days + 1) > LONGEST:
        raise INVALID(errors=[problems.too_long(days, LONGEST)])
    if body.to > await today_in(work.session, body.community_id, work.now):
        raise INVALID(errors=[problems.NOT_OVER])


async def _forget_oldest(work: Work, community_id: UUID) -> None:
    asked = select(col(Report.id)).where(
        col(Report.community_id) == community_id, col(Report.kind) == "asked", col(Report.status) != "making"
    )
    beyond = asked.order_by(col(Report.created_at).desc(), col(Report.id).desc()).offset(MOST_KEPT).limit(_AT_ONCE)
    ids = (await work.session.scalars(beyond)).all()
    if ids:
        await work.session.execute(delete(ReportFile).where(col(ReportFile.report_id).in_(ids)))
        await work.session.execute(delete(Report).where(col(Report.id).in_(ids)))


async def read_file(work: Work, report_id: UUID, locale: Locale, form: Form) -> bytes:
    """A file as it is kept. Raises `REPORT_NOT_READY`."""
    report = await work.permitted(Report, report_id)
    if report.status != "ready":
        raise problems.REPORT_NOT_READY(state=report.status)
    kept = await queries.file_of(work.session, report_id, locale, form)
    if kept is None:
        raise NOT_FOUND()
    return kept
