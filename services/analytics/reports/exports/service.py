"""Use cases of exports: asking for one, writing it, reading its file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from chassis.audit import AuditObject, audit
from chassis.budget import in_thread
from chassis.database.listing import Listing
from chassis.jobs import JobFailed, JobRun, Jobs, own_jobs, start_job
from chassis.locale import Locale
from chassis.problems import INVALID, Problem
from chassis.security.authority import authorize
from chassis.security.permissions import Reach
from chassis.tabular.writing import OutCell, csv_file, xlsx_file
from chassis.web.jobs import JobResult, job_for, jobs_of
from chassis.web.work import Work
from services.analytics.metrics.asking import check_metric, check_range, grain_for
from services.analytics.metrics.reported import metric_of
from services.analytics.permissions import EXPORTS_CREATE, EXPORTS_JOB
from services.analytics.reports.exports import problems
from services.analytics.reports.exports.rows import Wanted, header, pieces
from services.analytics.reports.exports.schemas import ExportCreate
from services.analytics.reports.files import packed
from services.analytics.reports.models import ExportFile
from services.analytics.reports.queries import hold

EXPORT: Final = "reports.export"
MOST_AT_WORK: Final = 5
"""How many of one caller may wait or run in a community."""
MOST_KEPT: Final = 50
"""How many files are kept of a community; for a new one the oldest go."""
MOST_ROWS: Final = 100_000
MOST_DAYS: Final = 3_700
KEPT: Final = timedelta(days=7)
LIMIT: Final = timedelta(minutes=10)
RESULT: Final = JobResult("file", KEPT)

jobs = Jobs()


async def start(work: Work, body: ExportCreate, locale: Locale) -> UUID:
    """Have a file written; the same one that is being written goes on. Returns the job.

    Raises `INVALID` for what there is no such export of, and `TOO_MANY_EXPORTS`.
    """
    await work.permit(body.community_id)
    grain = await _checked(work, body)
    params = body.model_dump(mode="json", by_alias=True) | {"grain": grain, "locale": locale}
    await hold(work.session, body.community_id)
    mine = await own_jobs(work.session, EXPORT, caller=work.caller, community_id=body.community_id)
    for job_id, written in mine.items():
        if written == params:
            return job_id
    if len(mine) >= MOST_AT_WORK:
        raise problems.TOO_MANY_EXPORTS(limit=MOST_AT_WORK)
    job_id = await start_job(
        work.session, EXPORT, params, caller=work.caller, now=work.now, community_id=body.community_id
    )
    what = AuditObject("export", job_id, body.community_id)
    told: dict[str, list[Any]] = {name: [None, params[name]] for name in ("subject", "code", "from", "to", "format")}
    await audit(work.session, work.caller, what, "create", told, work.now)
    return job_id


async def _checked(work: Work, body: ExportCreate) -> str | None:
    """The grain by which a metric is read. Raises `INVALID`."""
    if body.subject != "metric":
        if body.code or body.grain or body.group_by or body.working:
            raise INVALID(errors=[problems.NOT_OF_MEMBERS])
        if body.to < body.from_:
            raise INVALID(errors=[problems.BACKWARDS])
        if (days := (body.to - body.from_).days + 1) > MOST_DAYS:
            raise INVALID(errors=[problems.too_long(days, MOST_DAYS)])
        return None
    if body.code is None:
        raise INVALID(errors=[problems.NO_CODE])
    metric = await metric_of(work.session, body.community_id, body.code)
    if metric is None:
        raise INVALID(errors=[problems.UNKNOWN_CODE])
    try:
        check_metric(metric, group_by=body.group_by, staff=body.staff, working=body.working)
        check_range(body.from_, body.to, None)
        grain = grain_for(metric, body.from_, body.to, body.grain)
        check_range(body.from_, body.to, grain, [metric])
    except Problem as refusal:
        # The same as of a query, said of the body.
        errors = [replace(one, pointer=one.pointer.replace("#/query/", "/")) for one in refusal.errors]
        raise INVALID(errors=errors) from None
    return grain.value if grain is not None else None


@jobs.kind(EXPORT, limit=LIMIT)
async def write(job: JobRun) -> None:
    """Read all rows, write the file, keep it."""
    wanted, form = Wanted.of(job.params), str(job.params["format"])
    now = job.runtime.clock()
    rows: list[Any] = [header(wanted)]
    async for piece in pieces(job.runtime.database.reading, wanted, now):
        rows += piece
        if len(rows) > MOST_ROWS + 1:
            raise JobFailed(f"too_many_rows: there are more than {MOST_ROWS}; ask for fewer days")
    name = f"{wanted.code or wanted.subject} {wanted.from_} {wanted.to}"
    content = await in_thread(lambda: _file(rows, form, name), stop=job.stop, gentle=True)
    async with job.step() as session:
        await _forget_oldest(session, wanted.community_id)
        kept = await in_thread(lambda: packed(content, form), stop=job.stop)
        session.add(
            ExportFile(
                job_id=job.id,
                community_id=wanted.community_id,
                name=f"{name.replace(' ', '-').replace('_', '-')}.{form}",
                form=form,
                content=kept,
                size=len(content),
                created_at=now,
            )
        )
        job.result = {"rows": len(rows) - 1, "size": len(content)}
        job.advance(done=len(rows) - 1)
        job.total = len(rows) - 1


def _file(rows: list[list[OutCell]], form: str, name: str) -> bytes:
    return csv_file(rows) if form == "csv" else xlsx_file(rows, title=name.replace("_", " "))


async def _forget_oldest(session: Any, community_id: UUID) -> None:
    of_it = select(col(ExportFile.job_id)).where(col(ExportFile.community_id) == community_id)
    beyond = of_it.order_by(col(ExportFile.created_at).desc(), col(ExportFile.job_id).desc()).offset(MOST_KEPT - 1)
    ids = (await session.scalars(beyond.limit(MOST_KEPT))).all()
    if ids:
        await session.execute(delete(ExportFile).where(col(ExportFile.job_id).in_(ids)))


async def listing(work: Work, community_id: UUID, *, mine: bool) -> Listing:
    """The caller's exports in a community, of owners those of everybody."""
    standing = await authorize(work.session, work.caller, EXPORTS_CREATE.to_read, community_id, now=work.now)
    everyones = Reach.ALL in EXPORTS_JOB.reach(standing.columns) and not mine
    started_by = None if everyones or work.caller is None else work.caller.actor
    return jobs_of(work.session, EXPORT, community_id=community_id, started_by=started_by)


def wanted_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """What an export is of, as it is listed."""
    wanted = Wanted.of(params)
    return {
        "subject": wanted.subject,
        "format": params["format"],
        "from_": wanted.from_,
        "to": wanted.to,
        "code": wanted.code,
        "group_by": wanted.group_by,
    }


async def read_file(work: Work, job_id: UUID) -> ExportFile:
    """The file of a job that the caller sees, noted in the trail: it may name people. Raises `EXPORT_GONE`."""
    caller = work.caller
    if caller is None:
        raise TypeError("somebody reads a file")
    job = await job_for(
        work.session, job_id, caller, EXPORTS_CREATE.to_read, work.now, kind=EXPORT, seen_by=EXPORTS_JOB
    )
    if job["state"] != "succeeded":
        raise problems.EXPORT_NOT_READY(state=job["state"])
    file = await work.session.get(ExportFile, job_id)
    if file is None or file.created_at < work.now - KEPT:
        raise problems.EXPORT_GONE()
    await audit(work.session, caller, AuditObject("export", job_id, file.community_id), "read", {}, work.now)
    return file
