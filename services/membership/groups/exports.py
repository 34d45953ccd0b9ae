"""Groups and who belongs to them as a table, written by a job: with the columns of the import, so that what was exported can be imported.

A row is somebody in a group, there as here: a group with nobody in it has none.
"""

import zlib
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.budget import in_thread
from chassis.database.bulk import delete_some
from chassis.database.rows import existing
from chassis.database.walking import walk
from chassis.jobs import JobFailed, JobRun, Jobs, own_jobs, start_job
from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.tabular.writing import OutCell, csv_file, xlsx_file
from chassis.timers import Timer, Timers
from chassis.web.jobs import JobResult, job_for
from chassis.web.work import Work
from services.membership.groups.imports import COLUMNS, YES
from services.membership.groups.models import Group, GroupExport, GroupMember
from services.membership.people.models import Person
from services.membership.permissions import GROUPS_EXPORT
from services.membership.roster.models import Member

EXPORT: Final = "groups.export"
KEPT: Final = timedelta(days=7)
MOST_KEPT: Final = 10
"""How many files are kept of a community; for a new one the oldest go."""
MOST_ROWS: Final = 100_000
RESULT: Final = JobResult("file", KEPT)
Form = Literal["csv", "xlsx"]

jobs = Jobs()
timers = Timers()


async def start(work: Work, community_id: UUID, form: Form, locale: Locale) -> UUID:
    """Have a file written; one of the caller's that is being written goes on. Returns the job."""
    await work.permit(community_id)
    params = {"format": form, "locale": locale}
    mine = await own_jobs(work.session, EXPORT, caller=work.caller, community_id=community_id)
    for job_id, asked in mine.items():
        if asked == params:
            return job_id
    job_id = await start_job(work.session, EXPORT, params, caller=work.caller, now=work.now, community_id=community_id)
    what = AuditObject("group_export", job_id, community_id)
    await audit(work.session, work.caller, what, "create", {"format": [None, form]}, work.now)
    return job_id


@jobs.kind(EXPORT)
async def write(job: JobRun) -> None:
    """Read all rows, write the file, keep it."""
    form, locale, community_id = job.params["format"], job.params["locale"], job.community_id
    if community_id is None:
        raise LookupError("groups are of a community")
    rows: list[list[OutCell]] = [[column.label(locale) for column in COLUMNS]]
    yes = YES if locale == "zh-CN" else "yes"
    async with job.runtime.database.reading() as session:
        async for row in walk(session, _rows(community_id), col(GroupMember.group_id), col(GroupMember.member_id)):
            group, member_id, number, name = row
            leads = yes if group.leader_id == member_id else None
            rows.append([group.name, number, name, leads, group.purpose, str(group.capacity)])
            if len(rows) > MOST_ROWS + 1:
                raise JobFailed(f"too_many_rows: there are more than {MOST_ROWS}")
    content = await in_thread(lambda: _file(rows, form), stop=job.stop, gentle=True)
    kept = await in_thread(lambda: zlib.compress(content, 6), stop=job.stop)
    async with job.step() as session:
        await _forget_oldest(session, community_id)
        session.add(
            GroupExport(
                job_id=job.id,
                community_id=community_id,
                form=form,
                content=kept,
                created_at=job.runtime.clock(),
            )
        )
        job.result = {"rows": len(rows) - 1, "size": len(content)}
        job.total = len(rows) - 1
        job.advance(done=len(rows) - 1)


def _rows(community_id: UUID) -> Any:
    return (
        select(Group, col(GroupMember.member_id), col(Person.employee_no), col(Person.display_name))
        .join(GroupMember, col(GroupMember.group_id) == col(Group.id))
        .join(Member, col(Member.id) == col(GroupMember.member_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(
            col(Group.community_id) == community_id,
            col(Group.dissolved_at).is_(None),
            col(GroupMember.left_at).is_(None),
        )
    )


def _file(rows: list[list[OutCell]], form: str) -> bytes:
    return csv_file(rows) if form == "csv" else xlsx_file(rows, title="groups")


async def _forget_oldest(session: AsyncSession, community_id: UUID) -> None:
    of_it = select(col(GroupExport.job_id)).where(col(GroupExport.community_id) == community_id)
    beyond = of_it.order_by(col(GroupExport.created_at).desc(), col(GroupExport.job_id).desc()).offset(MOST_KEPT - 1)
    ids = (await session.execute(beyond.limit(MOST_KEPT))).scalars().all()
    if ids:
        await session.execute(delete(GroupExport).where(col(GroupExport.job_id).in_(ids)))


async def read_file(work: Work, job_id: UUID) -> GroupExport:
    """The file of a job that the caller sees, noted in the trail: it names people. Raises `ILLEGAL_TRANSITION` before it is there."""
    caller = work.caller
    if caller is None:
        raise TypeError("somebody reads a file")
    job = await job_for(work.session, job_id, caller, GROUPS_EXPORT.to_read, work.now, kind=EXPORT)
    if job["state"] != "succeeded":
        raise ILLEGAL_TRANSITION(state=job["state"])
    file = await existing(work.session, GroupExport, job_id)
    if file.created_at < work.now - KEPT:
        raise NOT_FOUND()
    await audit(work.session, caller, AuditObject("group_export", job_id, file.community_id), "read", {}, work.now)
    return file


@timers.every(timedelta(hours=1), kind="group_exports.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """Forget files after a week."""
    table: Any = GroupExport.__table__  # type: ignore[attr-defined]
    await delete_some(session, table, table.c.created_at < timer.now - KEPT)


async def erase(session: AsyncSession, person_id: UUID, _now: Any) -> None:
    """Files that may name somebody go when they are erased."""
    theirs = select(col(Member.community_id)).where(col(Member.person_id) == person_id)
    await session.execute(delete(GroupExport).where(col(GroupExport.community_id).in_(theirs)))
