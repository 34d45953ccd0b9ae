"""The operations that every kind of job has: its state, its errors, cancelling it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Table, asc, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.database.context import context_of
from chassis.database.listing import Listing
from chassis.database.statements import Prepared
from chassis.jobs import UNDER_WAY, cancel_job
from chassis.messaging.room import is_full
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.security.authority import authorize, authorize_platform
from chassis.security.caller import Caller
from chassis.security.permissions import Permission, Reach
from chassis.security.permissions import permission as permission_row
from chassis.web.actors import Actor
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.etags import created
from chassis.web.named import Closed
from chassis.web.operations import operation
from chassis.web.pages import Page, PageQuery, PageRequest, paginate
from chassis.web.schemas import JsonObject, ResponseModel

JobState = Literal["queued", "running", "paused", "succeeded", "failed", "cancelled"]


class JobPublic(ResponseModel):
    """A job. `done` counts processed rows, `failed` those of them with an error.

    `total` is null or a guess from the file's size until the last row is read: show it as "about". Of a dry run, `result` counts
    what would have been done. `community_id` is null for a job of the platform. One that imports history is `paused` while too many
    messages wait to be published, and goes on by itself.
    """

    id: UUID
    kind: str
    state: Annotated[str, Closed("JobState", JobState)]
    done: int
    failed: int
    total: int | None
    community_id: UUID | None = None
    started_by: Actor
    dry_run: bool = False
    error: str | None = None
    result: JsonObject | None = None
    result_url: str | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class JobResult:
    """That a job ends with a file, which is read below the job at `path` until it is deleted after `kept`."""

    path: str
    kept: timedelta

    def url(self, prefix: str, row: Mapping[str, Any], now: datetime) -> str | None:
        """Where the file of a job is; None where there is none yet, or no more."""
        if row["state"] != "succeeded" or row["finished_at"] < now - self.kept:
            return None
        return f"{prefix}/{row['id']}/{self.path}"


def job_of(row: Mapping[str, Any], *, waits: bool = False, result_url: str | None = None) -> JobPublic:
    """A row of the jobs as it is answered; `waits`: what is running of its kind waits for room."""
    dry_run = bool((row["params"] or {}).get("dry_run"))
    job = JobPublic.model_validate({**row, "dry_run": dry_run, "result_url": result_url})
    if waits and job.state == "running" and not job.dry_run:
        job.state = "paused"
    return job


async def wait_for_room(session: AsyncSession, *, history: bool) -> bool:
    """Whether jobs that write history wait until others' messages are published."""
    return history and await is_full(session, context_of(session).runtime.settings.history_outbox_rows)


class JobError(ResponseModel):
    """What was wrong with a row. `row` counts as a spreadsheet does; `column` is the field, null where it is not one of them."""

    row: int
    column: str | None
    code: str
    text: str


async def accepted_job(session: AsyncSession, job_id: UUID, response: Response, prefix: str) -> JobPublic:
    """The 202 answer for a job just started: `Location` says where to look."""
    created(response, f"{prefix}/{job_id}")
    return job_of(await job_row(session, job_id))


IMPORTS_JOB = permission_row("imports.job", "– – – – – – – o y o o")
"""Which jobs callers with the permission see: the errors of a job are for whoever sent its rows, and for the owner."""


async def _of_the_platform(session: AsyncSession, caller: Caller, permission: Permission) -> None:
    authorize_platform(session, caller, permission)


def job_routes(
    router: APIRouter,
    *,
    prefix: str,
    kind: str,
    permission: Permission,
    name: str,
    history: bool = False,
    authorize_platform_job: Callable[[AsyncSession, Caller, Permission], Awaitable[None]] | None = None,
    errors: bool = True,
    seen_by: Permission = IMPORTS_JOB,
    result: JobResult | None = None,
) -> None:
    """Add `GET {prefix}/{job_id}`, `…/errors` and `POST …/cancel`; `name` makes the operation ids, `people_import`.

    Without `errors` it has no rows that could be wrong. One that writes `history` may pause. `seen_by` is the row that says which of
    them callers see; one that ends with a file says so by `result`.

    Of those with the permission, whoever started the job sees it, and owners see every job of their community. Nobody else
    sees a job of the platform.
    """

    @operation(permission=permission.to_read)
    async def read(job_id: UUID, caller: CallerDep, session: Reading, now: Now) -> JobPublic:
        """Read a job."""
        job = await found(session, job_id, caller, permission.to_read, now)
        waits = await wait_for_room(session, history=history and job["state"] == "running")
        return job_of(job, waits=waits, result_url=result.url(prefix, job, now) if result else None)

    @operation(permission=permission.to_read)
    async def list_errors(
        job_id: UUID, caller: CallerDep, session: Reading, now: Now, page: PageQuery
    ) -> Page[JobError]:
        """List the rows of a job that had errors."""
        await found(session, job_id, caller, permission.to_read, now)
        return await errors_of(session, job_id, page)

    @operation(permission=permission, problems=[ILLEGAL_TRANSITION])
    async def cancel(job_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> JobPublic:
        """Cancel a job. What it has already written stays."""
        job = await found(session, job_id, caller, permission, now)
        if not await cancel_job(session, job_id, now):
            raise ILLEGAL_TRANSITION(state=job["state"])
        return job_of(await job_row(session, job_id))

    found = partial(job_for, kind=kind, seen_by=seen_by, authorize_platform_job=authorize_platform_job)

    router.add_api_route(f"{prefix}/{{job_id}}", read, methods=["GET"], operation_id=f"read_{name}")
    if errors:
        router.add_api_route(
            f"{prefix}/{{job_id}}/errors", list_errors, methods=["GET"], operation_id=f"list_{name}_errors"
        )
    router.add_api_route(f"{prefix}/{{job_id}}/cancel", cancel, methods=["POST"], operation_id=f"cancel_{name}")


async def job_for(
    session: AsyncSession,
    job_id: UUID,
    caller: Caller,
    wanted: Permission,
    now: datetime,
    *,
    kind: str,
    seen_by: Permission = IMPORTS_JOB,
    authorize_platform_job: Callable[[AsyncSession, Caller, Permission], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """The row of a job that the caller sees: whoever started it does, and owners every one of their community. Raises `NOT_FOUND`."""
    job = await job_row(session, job_id, kind)
    mine = job["started_by"] == caller.actor
    if job["community_id"] is None:
        await (authorize_platform_job or _of_the_platform)(session, caller, wanted)
        shown = mine
    else:
        standing = await authorize(session, caller, wanted, job["community_id"], own=mine, seen_by=seen_by, now=now)
        shown = mine or Reach.ALL in seen_by.reach(standing.columns)
    if not shown:
        raise NOT_FOUND()
    return job


def jobs_of(session: AsyncSession, kind: str, *, community_id: UUID | None, started_by: str | None) -> Listing:
    """The jobs of a kind in a community or of the platform, of everybody or of whom is named, the newest first."""
    jobs = context_of(session).tables.chassis.jobs
    statement = select(jobs).where(jobs.c.kind == kind, jobs.c.community_id == community_id)
    if started_by is not None:
        statement = statement.where(jobs.c.started_by == started_by)
    return Listing(statement, [jobs.c.created_at.desc(), jobs.c.id.desc()])


async def errors_of(session: AsyncSession, job_id: UUID, page: PageRequest) -> Page[JobError]:
    """A page of what is wrong with the rows of a job."""
    table = context_of(session).tables.chassis.job_errors
    statement = select(table.c.row, table.c.code, table.c.text, table.c.column).where(table.c.job_id == job_id)
    return await paginate(
        session,
        Listing(statement, [asc(table.c.row), asc(table.c.id)]),
        page=page,
        to=lambda row: JobError(row=row[0], code=row[1], text=row[2], column=row[3]),
    )


async def job_row(session: AsyncSession, job_id: UUID, kind: str | None = None) -> dict[str, Any]:
    """A job, of one kind if that is named. Raises `NOT_FOUND`; whether the caller sees it is for whoever asks."""
    jobs = context_of(session).tables.chassis.jobs
    row = (await session.execute(select(jobs).where(jobs.c.id == job_id))).mappings().first()
    if row is None or (kind is not None and row["kind"] != kind):
        raise NOT_FOUND()
    return dict(row)


async def waiting_jobs(session: AsyncSession) -> int:
    """How many jobs wait or run."""
    return await _waiting(context_of(session).tables.chassis.jobs).one(session)


@lru_cache(maxsize=64)
def _waiting(jobs: Table) -> Prepared[int]:
    return Prepared(select(func.count()).select_from(jobs).where(jobs.c.state.in_(UNDER_WAY)))
