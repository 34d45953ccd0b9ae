"""HTTP of attachments."""

from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Header, Query, Request, Response
from starlette.responses import StreamingResponse

from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.database.lines import RowTaken
from chassis.files import FILES_UNAVAILABLE, FileMissing
from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.security.authority import StandingUnknown
from chassis.signed import QUARTER, is_address
from chassis.web.dependencies import (
    CallerDep,
    IfMatch,
    LaterTransaction,
    Localised,
    MaybeCaller,
    Now,
    Read,
    RuntimeDep,
    Write,
)
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.said import say
from chassis.web.uploads import EMPTY_UPLOAD, receive_upload
from chassis.web.work import Work
from services.content.attachments import problems, service
from services.content.attachments.models import Attachment, AttachmentLimit
from services.content.attachments.pictures import MADE_AS
from services.content.attachments.refusing import text_of
from services.content.attachments.rules import LARGEST_PART, Size, range_of
from services.content.attachments.schemas import (
    READER_KIND,
    SIZE,
    AddressesCreate,
    AddressesPublic,
    AttachmentCreate,
    AttachmentLimitPatch,
    AttachmentLimitPublic,
    AttachmentSent,
    UploadPublic,
)
from services.content.attachments.showing import (
    NOBODY,
    ReaderKind,
    caller_of,
    is_good,
    public,
    receipt_for,
    watermark_of,
)
from services.content.attachments.sniffing import ANYTHING, sent_as
from services.content.permissions import ATTACHMENTS_CREATE, ATTACHMENTS_LIMIT, DISCUSSIONS_READ

router = api_router(tags=["Attachments"])

ONE = "/v1/attachments/{attachment_id}"
PART_TYPES = ("application/offset+octet-stream", ANYTHING)
_PART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in PART_TYPES},
    }
}

_NEXT = {"description": "Where the next part begins.", "required": True, "schema": {"type": "integer"}}
_OFFSET: dict[int | str, dict[str, Any]] = {200: {"headers": {"Upload-Offset": _NEXT}}}

_RANGES: dict[int | str, dict[str, Any]] = {
    206: {
        "description": "The range that was asked for.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/v1/attachments", status_code=201)
@operation(permission=ATTACHMENTS_CREATE, problems=[problems.TOO_MANY_UPLOADS, problems.UPLOADS_FULL], guests=True)
async def create_attachment(
    body: AttachmentCreate, work: Write, response: Response, locale: Localised
) -> AttachmentSent:
    """Announce a file; its bytes go to `upload.href`. What nothing names is forgotten after a day.

    A guest sends `material` for their activity, which names it: at most 20 files, 512 MiB together.
    """
    attachment = await service.announce(work, body)
    created(response, f"/v1/attachments/{attachment.id}")
    return _sent(work, attachment, locale)


@router.get("/v1/attachments/limit")
@operation(permission=ATTACHMENTS_CREATE.to_read)
async def read_attachment_limit(community_id: UUID, work: Read, response: Response) -> AttachmentLimitPublic:
    """Read how large the files of a community may be, before you send one."""
    return _limit(await service.limit_of(work, community_id), response)


@router.patch("/v1/attachments/limit")
@operation(permission=ATTACHMENTS_LIMIT)
async def update_attachment_limit(
    community_id: UUID, body: AttachmentLimitPatch, if_match: IfMatch, work: Write, response: Response
) -> AttachmentLimitPublic:
    """Say how large the files of a community may be, up to 2 GiB; what is there stays."""
    return _limit(await say(work, AttachmentLimit, community_id, body, if_match), response)


def _limit(limit: AttachmentLimit, response: Response) -> AttachmentLimitPublic:
    set_etag(response, limit.version)
    return AttachmentLimitPublic.model_validate(limit)


@router.post("/v1/attachments/addresses")
@operation(permission=DISCUSSIONS_READ, located=False, idempotent=False)
async def renew_attachment_addresses(body: AddressesCreate, work: Read) -> AddressesPublic:
    """Ask for addresses anew: of files that you sent, or that something names which you read. Others are left out; 404 if all are."""
    rows, looked_at = await service.read_by(work, body.ids)
    mark = await watermark_of(work) if looked_at else None
    return AddressesPublic(
        items=[public(work.session, work.caller, row, work.now, mark if row.id in looked_at else None) for row in rows]
    )


@router.get(ONE, responses=_OFFSET)
@operation(permission=ATTACHMENTS_CREATE.to_read, guests=True)
async def read_attachment(attachment_id: UUID, work: Read, response: Response, locale: Localised) -> AttachmentSent:
    """Read how far a file of yours is: `uploading`, `processing`, `ready` or `refused`."""
    attachment = await service.sent_by(work, attachment_id)
    _say_offset(response, attachment)
    return _sent(work, attachment, locale)


@router.get(f"{ONE}/upload", responses=_OFFSET)
@operation(permission=ATTACHMENTS_CREATE.to_read, guests=True)
async def read_upload(attachment_id: UUID, work: Read, response: Response) -> UploadPublic:
    """Read where the upload goes on; `HEAD` answers the same as the header `Upload-Offset` alone."""
    attachment = await service.sent_by(work, attachment_id)
    _say_offset(response, attachment)
    return _upload(attachment)


@router.patch(f"{ONE}/upload", openapi_extra=_PART, responses=_OFFSET)
@operation(
    permission=ATTACHMENTS_CREATE,
    max_body=LARGEST_PART,
    guests=True,
    problems=[
        problems.WRONG_OFFSET,
        problems.PAST_SIZE,
        problems.PART_TOO_SMALL,
        EMPTY_UPLOAD,
        FILES_UNAVAILABLE,
        ILLEGAL_TRANSITION,
    ],
)
async def send_attachment_part(
    attachment_id: UUID,
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    caller: CallerDep,
    begin: LaterTransaction,
    now: Now,
    upload_offset: Annotated[
        int,
        Header(
            alias="Upload-Offset", ge=0, le=GREATEST_SMALL_INTEGER, description="Where in the file this part begins."
        ),
    ],
) -> UploadPublic:
    """Send the next part of a file: at most 8 MiB, and at least 256 KiB unless it is the last.

    When the last byte has arrived, the file is put together and looked at; read it to see when it is ready.
    """
    declared = request.scope["route"].operation.permission
    try:
        async with runtime.database.reading(request_id=request.state.request_id) as session:
            found = await service.sent_by(Work(session, now, caller, declared), attachment_id)
            service.check_part(found, upload_offset, None)
        part = await receive_upload(request, accepted=PART_TYPES, limit=LARGEST_PART)
        service.check_part(found, upload_offset, part.size)
        if not hasattr(request.state, "part"):
            name = service.name_of_part(attachment_id, upload_offset)
            await runtime.files.put(name, part.content())
            request.state.part = name
        work = Work(await begin(), now, caller, declared)
        attachment = await service.add_part(work, attachment_id, upload_offset, part.size, request.state.part)
    except (RowTaken, StandingUnknown):
        # Whoever has to wait comes here again, with what is written already.
        raise
    except Exception:
        if hasattr(request.state, "part"):
            await runtime.files.delete(request.state.part)
        raise
    _say_offset(response, attachment)
    return _upload(attachment)


@router.get(f"{ONE}/content", responses=_RANGES)
@operation(
    public=True,
    media_types=["*/*"],
    problems=[problems.RANGE_NOT_SATISFIABLE, FILES_UNAVAILABLE, NOT_FOUND],
)
async def read_attachment_content(
    attachment_id: UUID,
    runtime: RuntimeDep,
    caller: MaybeCaller,
    now: Now,
    reader: UUID,
    until: Annotated[int, Query(ge=0, le=GREATEST_SMALL_INTEGER, description="In quarters of an hour since 1970.")],
    signature: Annotated[str, Query(max_length=64)],
    size: Annotated[Size, SIZE] = "original",
    kind: Annotated[ReaderKind, READER_KIND] = "person",
    named_by: Annotated[
        str | None,
        Query(alias="service", max_length=32, description="Whose thing names it, where that is not content."),
    ] = None,
    byte_range: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header(alias="If-Range")] = None,
) -> Response:
    """Download a file from an address as an answer gave it, whole or a range of it; nobody needs to log in for that.

    Whether its reader still reads something that names the file is asked each time.
    """
    key = runtime.address_secret
    if named_by is None:
        good = is_good(key, attachment_id, size, reader, kind, until, signature, now)
    else:
        good = is_address(key, signature, attachment_id, size, reader, until, named_by, now)
    if not good or (caller is not None and reader not in (caller.id, NOBODY)):
        raise NOT_FOUND()
    async with runtime.database.reading() as opened:
        row = await service.ready_for(
            Work(opened, now, caller_of(reader, kind)), attachment_id, size, named_by=named_by
        )
    length = row.size if size == "original" else int(row.sizes[size]["size"])
    dated = format_datetime(row.created_at.replace(microsecond=0), usegmt=True)
    try:
        part = range_of(byte_range, length) if if_range in (None, dated) else None
    except ValueError:
        raise problems.RANGE_NOT_SATISFIABLE(headers={"Content-Range": f"bytes */{length}"}) from None
    first, end = part or (0, length)
    try:
        pieces = await runtime.files.read(f"{service.folder_of(attachment_id)}/{size}", first, end)
    except FileMissing:
        raise NOT_FOUND() from None
    headers = _headers(row, size, dated, until, now) | {"Content-Length": str(end - first)}
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{length}"
    return _Streamed(pieces, status_code=206 if part is not None else 200, headers=headers)


class _Streamed(StreamingResponse):
    """Bytes whose type the headers say."""

    def __init__(self, content: AsyncIterator[bytes], *, status_code: int, headers: dict[str, str]) -> None:
        super().__init__(content, status_code=status_code, headers=headers)


def _headers(row: Any, size: str, dated: str, until: int, now: datetime) -> dict[str, str]:
    name = row.name if size == "original" else f"{row.name}.{size}.webp"
    kind = sent_as(row.media_type or ANYTHING) if size == "original" else MADE_AS
    return {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Content-Disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Accept-Ranges": "bytes",
        "Last-Modified": dated,
        "Cache-Control": f"private, max-age={max(0, int(until * QUARTER - now.timestamp()))}",
    }


def _say_offset(response: Response, attachment: Attachment) -> None:
    response.headers["Upload-Offset"] = str(attachment.received)


def _upload(attachment: Attachment) -> UploadPublic:
    return UploadPublic(href=f"/v1/attachments/{attachment.id}/upload", offset=attachment.received)


def _sent(work: Work, attachment: Attachment, locale: Locale) -> AttachmentSent:
    shown = public(work.session, work.caller, attachment, work.now)
    return AttachmentSent(
        **shown.model_dump(),
        community_id=attachment.community_id,
        created_at=attachment.created_at,
        upload=_upload(attachment) if attachment.status == "uploading" else None,
        receipt=receipt_for(work, attachment),
        refused_text=text_of(attachment.refused, locale),
    )
