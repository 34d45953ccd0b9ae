"""Making reports: jobs that read, draw, set and keep them."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import CalledOff, in_thread
from chassis.database.errors import is_transient
from chassis.days import zone_of
from chassis.jobs import JobCancelled, JobFailed, JobInterrupted, JobRun, Jobs, LeaseLost
from chassis.locale import Locale
from chassis.messaging.lag import as_of
from services.analytics.reports.composing import compose
from services.analytics.reports.drawing import page, typeset
from services.analytics.reports.drawing.typesetting import TypesettingFailed
from services.analytics.reports.files import packed
from services.analytics.reports.gathering import gather, without_names
from services.analytics.reports.models import Report, ReportFile
from services.analytics.reports.queries import names_in
from services.analytics.reports.rules import Names

log = logging.getLogger("qunxue.reports")

MAKE: Final = "reports.make"
WEEKLY: Final = "reports.weekly"
LOCALES: Final[tuple[Locale, ...]] = ("zh-CN", "en")
MOST_TRIES: Final = 3
"""How often a weekly report may take its worker down: then it is given up, for the others wait behind it."""

_NOT_OURS: Final = (JobCancelled, JobInterrupted, LeaseLost, CalledOff)

jobs = Jobs()


@dataclass(frozen=True)
class Made:
    """The files of a report: locale, form, bytes as they are kept, size."""

    as_of: datetime
    files: list[tuple[str, str, bytes, int]]


@jobs.kind(MAKE)
async def make_asked(job: JobRun) -> None:
    """Make the report that somebody asked for."""
    if not await _make(job, UUID(job.params["report_id"])):
        raise JobFailed("the report could not be made")


@jobs.kind(WEEKLY)
async def make_weekly(job: JobRun) -> None:
    """Make the weekly reports that wait, one after the other. One that cannot be made does not stop the others.

    What took a worker down, be it by memory, leaves no word: so each beginning is written down before, and comes after those not tried yet.
    """
    while True:
        async with job.runtime.database.reading(primary=True) as session:
            waiting = select(Report).where(col(Report.kind) == "weekly", col(Report.status) == "making")
            in_order = waiting.order_by(col(Report.tries), col(Report.created_at), col(Report.id))
            report = (await session.scalars(in_order.limit(1))).first()
        if report is None:
            return
        if report.tries >= MOST_TRIES:
            log.error("a report took its worker down again and again", extra={"report": str(report.id)})
            await _failed(job, report.id, "given_up")
            continue
        await _try(job, report.id)
        try:
            await _make(job, report.id)
        except Exception:
            await _give_back(job, report.id)
            raise


async def _try(job: JobRun, report_id: UUID) -> None:
    async with job.step() as session:
        await session.execute(_waiting(update(Report), report_id).values(tries=col(Report.tries) + 1))


async def _give_back(job: JobRun, report_id: UUID) -> None:
    """Whoever can still say why they stopped was not taken down."""
    with suppress(Exception):
        async with job.runtime.database.transaction() as session:
            await session.execute(_waiting(update(Report), report_id).values(tries=col(Report.tries) - 1))


async def _make(job: JobRun, report_id: UUID) -> bool:
    """Make one, unless it is made already. Returns whether it is there."""
    try:
        made = await _made(job, report_id)
    except _NOT_OURS:
        raise
    except TypesettingFailed as failure:
        log.warning("a report could not be set: %s", failure, extra={"report": str(report_id)})
        await _failed(job, report_id, "typesetting")
        return False
    except Exception as error:
        if is_transient(error):
            raise
        # Of one community; those of others are made all the same.
        log.exception("a report could not be made", extra={"report": str(report_id)})
        await _failed(job, report_id, "internal_error")
        return False
    if made is None:
        return True
    async with job.step() as session:
        values: dict[str, Any] = {
            "status": "ready",
            "as_of": made.as_of,
            "finished_at": job.runtime.clock(),
        }
        kept = await session.execute(_waiting(update(Report), report_id).values(values).returning(col(Report.kind)))
        kind = kept.scalar_one_or_none()
        if kind is None:
            return True
        if kind == "asked":
            await _free(session, report_id)
        rows = [
            {"report_id": report_id, "locale": locale, "form": form, "content": content, "size": size}
            for locale, form, content, size in made.files
        ]
        await session.execute(insert(ReportFile), rows)
        job.advance(done=1)
    return True


async def _failed(job: JobRun, report_id: UUID, failure: str) -> None:
    async with job.step() as session:
        values = {"status": "failed", "failure": failure, "finished_at": job.runtime.clock()}
        kept = await session.execute(_waiting(update(Report), report_id).values(values).returning(col(Report.kind)))
        if kept.scalar_one_or_none() == "asked":
            await _free(session, report_id)
        job.advance(failed=1)


async def _free(session: AsyncSession, report_id: UUID) -> None:
    """Let the same be asked for again."""
    await session.execute(update(Report).where(col(Report.id) == report_id).values(slot=None))


def _waiting(statement: Any, report_id: UUID) -> Any:
    return statement.where(col(Report.id) == report_id, col(Report.status) == "making")


async def _made(job: JobRun, report_id: UUID) -> Made | None:
    now = job.runtime.clock()
    async with job.runtime.database.reading(primary=True) as session:
        report = await session.get(Report, report_id)
        if report is None or report.status != "making":
            return None
        known = await as_of(session, now)
        names = await names_in(session, report.community_id)
        said = await gather(session, report, now, known)
        said |= _dates(report, said["community"]["time_zone"], now, known)
    content = await in_thread(lambda: without_names(said, Names(names)), stop=job.stop, gentle=True)
    files = [await _file(job, content, locale, form) for locale in LOCALES for form in ("html", "pdf")]
    return Made(known, files)


async def _file(job: JobRun, content: dict[str, Any], locale: Locale, form: str) -> tuple[str, str, bytes, int]:
    document = await in_thread(lambda: compose(content, locale), stop=job.stop)
    if form == "html":
        made = (await asyncio.to_thread(page, document)).encode()
    else:
        made = await typeset(document)
    return locale, form, await asyncio.to_thread(packed, made, form), len(made)


def _dates(report: Report, time_zone: str, now: datetime, known: datetime) -> dict[str, Any]:
    zone = zone_of(time_zone)
    before = None
    if report.compared_from is not None and report.compared_to is not None:
        before = {"from": report.compared_from.isoformat(), "to": report.compared_to.isoformat()}
    return {
        "kind": report.kind,
        "from": report.starts_on.isoformat(),
        "to": report.ends_on.isoformat(),
        "before": before,
        "made_at": f"{now.astimezone(zone):%Y-%m-%d %H:%M}",
        "as_of": f"{known.astimezone(zone):%Y-%m-%d %H:%M}",
    }
