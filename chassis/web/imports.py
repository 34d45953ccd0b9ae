"""The operations of an import: start it, its empty file, and those of its job."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.audit import AuditObject, audit
from chassis.budget import OverBudget, in_thread
from chassis.imports.declaration import Import
from chassis.imports.reading import opened
from chassis.jobs import packed, start_job
from chassis.problems import FORBIDDEN
from chassis.security.authority import CommunityFacts, authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission, Reach
from chassis.tabular import CSV_TYPE, NDJSON_TYPES, TABLE_INVALID, XLSX_TYPE, Column, template
from chassis.web.dependencies import CallerDep, LaterTransaction, Localised, Now, Reading, RuntimeDep
from chassis.web.jobs import IMPORTS_JOB, JobPublic, accepted_job, job_of, job_routes, jobs_of, wait_for_room
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.uploads import EMPTY_UPLOAD, UPLOAD_LIMIT, receive_upload

LOOK_SECONDS = 4.0
"""How long the first look at a file may take: whoever sent it waits for the answer."""

FileFormat = Literal["csv", "xlsx"]
TemplateFormat = Annotated[
    Annotated[FileFormat, Closed("FileFormat", FileFormat)],
    Query(alias="format", description="The file format: plain text, or a workbook."),
]

_SCHEMAS: dict[str, dict[str, str]] = {
    "text/csv": {"type": "string"},
    XLSX_TYPE: {"type": "string", "format": "binary"},
    NDJSON_TYPES[0]: {"type": "string"},
    "text/calendar": {"type": "string"},
}


def table_file(content: bytes, file_format: FileFormat, *, name: str) -> Response:
    """A table to download: a file of this name, ending as its format does."""
    return Response(
        content,
        media_type=CSV_TYPE if file_format == "csv" else XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )


async def _named_community(community_id: UUID) -> UUID:
    return community_id


async def _no_community() -> None:
    return None


async def _any_community(community_id: UUID | None = None) -> UUID | None:
    return community_id


def _named(parameter: str) -> Callable[..., Awaitable[UUID]]:
    async def named(place_id: Annotated[UUID, Query(alias=parameter)]) -> UUID:
        return place_id

    return named


@cache
def import_router(declared: Import) -> APIRouter:
    """`POST /v1/<name>/imports`, `GET …/template`, and what every job has."""
    router = api_router(tags=[declared.tag])
    wanted = declared.permission
    elsewhere = _any_community if declared.anywhere else _no_community
    community = Depends(elsewhere if declared.platform else _named_community)
    within = declared.within
    place = community if within is None else Depends(_named(within.parameter))

    @operation(permission=wanted, problems=[TABLE_INVALID, EMPTY_UPLOAD, *declared.problems], max_body=UPLOAD_LIMIT)
    async def start(
        request: Request,
        response: Response,
        runtime: RuntimeDep,
        caller: CallerDep,
        begin: LaterTransaction,
        now: Now,
        locale: Localised,
        place_id: Annotated[UUID | None, place],
        dry_run: Annotated[bool, Query(description="Check the whole file and write nothing.")] = False,
    ) -> JobPublic:
        # A file is looked at for those alone who may send it, and while no transaction is open.
        async with runtime.database.reading(request_id=request.state.request_id) as session:
            _, about = await found(session, caller, place_id, now)
        file = await receive_upload(request, accepted=declared.accepts)
        params = {"dry_run": dry_run, "locale": locale, "media_type": file.content_type} | about
        if declared.documents:
            params["sent_at"] = now.isoformat()
        async with runtime.interpreting.turn(caller.actor):
            content = await in_thread(file.content)
            try:
                table = await in_thread(lambda: opened(declared, content, params), seconds=LOOK_SECONDS, gentle=True)
                rows = table.rows_hint
            except OverBudget:
                # Its job has more time, and says what is wrong with it.
                rows = None
            upload = await in_thread(lambda: packed(content))
        session = await begin()
        community_id, _ = await found(session, caller, place_id, now)
        job_id = await start_job(
            session,
            declared.kind,
            params,
            caller=caller,
            now=now,
            upload=upload,
            community_id=community_id,
            total=rows,
        )
        await audit(
            session,
            caller,
            AuditObject("job", job_id, community_id),
            declared.action,
            {"dry_run": [None, dry_run]},
            now,
        )
        return await accepted_job(session, job_id, response, declared.path)

    @operation(permission=wanted.to_read, media_types=[CSV_TYPE, XLSX_TYPE])
    async def read_template(
        caller: CallerDep,
        session: Reading,
        now: Now,
        community_id: Annotated[UUID | None, community],
        file_format: TemplateFormat = "csv",
    ) -> Response:
        await allowed(session, caller, community_id, now, wanted.to_read)
        return table_file(template(declared.columns, file_format), file_format, name=declared.name)

    @operation(permission=wanted.to_read)
    async def list_jobs(
        caller: CallerDep,
        session: Reading,
        now: Now,
        page: PageQuery,
        community_id: Annotated[UUID | None, community],
        mine: Annotated[
            bool, Query(description="Only those that the caller started, even if they may see all.")
        ] = False,
    ) -> Page[JobPublic]:
        everyones = False
        if community_id is None:
            await allowed(session, caller, None, now)
        else:
            standing = await authorize(session, caller, wanted.to_read, community_id, own=True, now=now)
            everyones = Reach.ALL in IMPORTS_JOB.reach(standing.columns) and not mine
        started_by = None if everyones else caller.actor
        listing = jobs_of(session, declared.kind, community_id=community_id, started_by=started_by)
        names = listing.statement.selected_columns.keys()
        waits = await wait_for_room(session, history=declared.history)
        return await paginate(
            session,
            listing,
            page=page,
            to=lambda row: job_of(dict(zip(names, row, strict=True)), waits=waits),
        )

    async def found(
        session: AsyncSession, caller: Caller, place_id: UUID | None, now: datetime
    ) -> tuple[UUID | None, dict[str, Any]]:
        """The community of the import, and what its job has to know of where the rows belong."""
        if within is None or place_id is None:
            return place_id, _community_params(await allowed(session, caller, place_id, now))
        facts, more = await within.find(session, caller, place_id, now)
        return facts.id, _community_params(facts) | {within.parameter: str(place_id)} | dict(more)

    async def allowed(
        session: AsyncSession,
        caller: Caller,
        community_id: UUID | None,
        now: datetime,
        to_do: Permission = wanted,
    ) -> CommunityFacts | None:
        if community_id is not None:
            return (await authorize(session, caller, to_do, community_id, own=True, now=now)).community
        if declared.platform is None:
            raise FORBIDDEN()
        await declared.platform(session, caller, wanted)
        return None

    start.__doc__ = declared.about
    list_jobs.__doc__ = (
        f"List imports of {declared.called}, the newest first: your own, for owners those of the whole community."
    )
    read_template.__doc__ = f"Download an empty file for importing {declared.called}."
    router.add_api_route(
        declared.path,
        start,
        methods=["POST"],
        status_code=202,
        operation_id=f"import_{declared.name.replace('-', '_')}",
        openapi_extra={"requestBody": _body(declared)},
    )
    router.add_api_route(declared.path, list_jobs, methods=["GET"], operation_id=f"list_{declared.job}s")
    router.add_api_route(f"{declared.path}/template", read_template, methods=["GET"], operation_id=declared.template)
    job_routes(
        router,
        prefix=declared.path,
        kind=declared.kind,
        permission=wanted,
        name=declared.job,
        history=declared.history,
        authorize_platform_job=declared.platform,
    )
    return router


def _community_params(facts: CommunityFacts | None) -> dict[str, Any]:
    """What a job needs of its community, as it was when it was started: what the job does must not change half way."""
    if facts is None:
        return {}
    return {
        "time_zone": facts.time_zone,
        "day_starts_at": facts.day_starts_at.isoformat(),
        "streak_days": facts.streak_days,
    }


def _body(declared: Import) -> dict[str, Any]:
    """The request body for the API document: what the columns are called and hold."""
    lines = [f"- {_described(column)}" for column in declared.columns]
    return {
        "required": True,
        "description": "\n".join(["A file with these columns, in any order:", "", *lines]),
        "content": {name: {"schema": schema} for name, schema in _SCHEMAS.items() if name in declared.accepts},
    }


def _described(column: Column) -> str:
    named = f"`{column.name}` ({column.headers[0]})"
    parts = [str(column.kind), *(["required"] if column.required else [])]
    if column.choices:
        parts.append(f"one of {', '.join(column.choices)}")
    return f"{named}: {', '.join(parts)}" + (f"; `{column.example}`" if column.example else "")
