"""Use cases of attachments: announcing a file, sending its parts, and asking for addresses."""

from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, case, exists, func, or_, select
from sqlmodel import col

from chassis.database.bulk import among
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id
from chassis.jobs import start_job
from chassis.problems import BODY_TOO_LARGE, FORBIDDEN, INVALID, NOT_FOUND, SESSION_REVOKED, Problem, refused
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.said import said
from chassis.web.work import Work
from services.content.attachments import problems
from services.content.attachments.materials import announce_material
from services.content.attachments.models import Attachment, AttachmentLimit, AttachmentLink, AttachmentPart
from services.content.attachments.naming import readable
from services.content.attachments.occasions import DRAFT
from services.content.attachments.rules import (
    FOR_ITS_READER,
    LARGEST,
    LARGEST_PART,
    LEAST_COUNTED,
    MOST_UNFINISHED,
    MOST_UNNAMED,
    OF_A_PERSON,
    SMALLEST_PART,
    Size,
)
from services.content.attachments.schemas import AttachmentCreate
from services.content.attachments.using import is_used
from services.content.base import known
from services.content.guests.queries import COMES
from services.content.permissions import ATTACHMENTS_CREATE
from services.content.unnamed.masks import masks_of, own_masks

PROCESS = "attachments.process"

_FILE = ("id", "person_id", "purpose", "name", "media_type", "size", "sizes", "created_at")
_READER = (
    select(known.people.c.status).where(known.people.c.id == bindparam("reader_id", type_=Uuid())).scalar_subquery()
)
_READY: Prepared[Any] = Prepared(
    select(
        *(col(getattr(Attachment, name)) for name in _FILE), _READER.label("reader_status"), COMES.label("reader_comes")
    ).where(
        col(Attachment.id) == bindparam("key"),
        col(Attachment.status) == "ready",
        col(Attachment.removed_at).is_(None),
    )
)
"""A file with its reader, if they are a person that is known, or a guest."""


async def announce(work: Work, body: AttachmentCreate) -> Attachment:
    """Say that a file will come. Raises `INVALID` where it is too large here, `TOO_MANY_UPLOADS`, `UPLOADS_FULL`."""
    if work.caller is not None and work.caller.kind == "guest":
        return await announce_material(work, work.caller, body)
    caller = _person(work)
    largest = LARGEST
    if body.community_id is not None:
        await authorize(work.session, caller, ATTACHMENTS_CREATE, body.community_id, own=True, now=work.now)
        largest = (await said(work.session, AttachmentLimit, body.community_id)).largest
    elif body.purpose not in OF_A_PERSON:
        raise INVALID(errors=[problems.NO_COMMUNITY])
    if body.size > largest:
        raise INVALID(errors=[problems.too_large(largest)])
    kept = exists().where(col(AttachmentLink.attachment_id) == col(Attachment.id))
    in_drafts_alone = and_(
        kept.where(col(AttachmentLink.object_kind) == DRAFT), ~kept.where(col(AttachmentLink.object_kind) != DRAFT)
    )
    loose = or_(col(Attachment.unlinked_at).is_not(None), in_drafts_alone)
    unfinished = func.count().filter(col(Attachment.status) == "uploading", col(Attachment.removed_at).is_(None))
    counts_as = case((col(Attachment.size) > LEAST_COUNTED, col(Attachment.size)), else_=LEAST_COUNTED)
    unnamed = func.coalesce(func.sum(counts_as).filter(loose), 0)
    counted = select(unfinished, unnamed).where(
        or_(col(Attachment.person_id) == caller.id, col(Attachment.person_id).in_(masks_of(caller.id))),
        or_(col(Attachment.status) == "uploading", loose),
    )
    begun, taken = (await work.session.execute(counted)).one()
    if begun >= MOST_UNFINISHED:
        raise problems.TOO_MANY_UPLOADS(limit=MOST_UNFINISHED)
    if taken + max(body.size, LEAST_COUNTED) > MOST_UNNAMED:
        raise problems.UPLOADS_FULL(limit=MOST_UNNAMED, taken=int(taken))
    attachment = Attachment(
        community_id=body.community_id,
        person_id=caller.id,
        purpose=body.purpose,
        name=body.name,
        declared_type=body.media_type.lower(),
        size=body.size,
        created_at=work.now,
        unlinked_at=work.now,
    )
    work.session.add(attachment)
    await work.session.flush()
    return attachment


async def sent_by(work: Work, key: UUID, *, lock: bool = False) -> Attachment:
    """A file that the caller sends or sent. Raises `NOT_FOUND` for those of others, and what `authorize` raises."""
    attachment = await existing(work.session, Attachment, key, lock=lock)
    worn = await own_masks(work.session, work.caller, [attachment.person_id])
    mine = work.caller is not None and attachment.person_id in {work.caller.id, *worn}
    if attachment.community_id is not None:
        try:
            await authorize(
                work.session,
                work.caller,
                ATTACHMENTS_CREATE,
                attachment.community_id,
                own=True,
                activity_id=attachment.activity_id,
                now=work.now,
            )
        except Problem as problem:
            # Of those of others nobody is told more than that there is none.
            if mine or problem.type is SESSION_REVOKED:
                raise
    if not mine or attachment.removed_at is not None:
        raise NOT_FOUND()
    return attachment


def check_part(attachment: Attachment, offset: int, length: int | None) -> None:
    """Refuse a part that does not belong here; `length` is None while nobody knows it.

    Raises `WRONG_OFFSET` with the right one, `PAST_SIZE`, `PART_TOO_SMALL`, `BODY_TOO_LARGE`, `ILLEGAL_TRANSITION`.
    """
    if attachment.status != "uploading":
        raise refused("illegal_transition", state=attachment.status)
    if offset != attachment.received:
        raise problems.WRONG_OFFSET(offset=attachment.received, headers={"Upload-Offset": str(attachment.received)})
    if length is None:
        return
    if length > LARGEST_PART:
        raise BODY_TOO_LARGE(limit=LARGEST_PART)
    if offset + length > attachment.size:
        raise problems.PAST_SIZE(size=attachment.size, offset=attachment.received)
    if offset + length < attachment.size and length < SMALLEST_PART:
        raise problems.PART_TOO_SMALL(least=SMALLEST_PART)


def name_of_part(attachment_id: UUID, offset: int) -> str:
    """A new object for a part: two who send the same never write the same."""
    return f"{folder_of(attachment_id)}/parts/{offset:010}-{new_id().hex}"


def folder_of(attachment_id: UUID) -> str:
    """Below which everything of a file is kept. The last figures come first, for the first of new ids are alike."""
    return f"attachments/{attachment_id.hex[-2:]}/{attachment_id}"


async def add_part(work: Work, key: UUID, offset: int, length: int, object_name: str) -> Attachment:
    """A part has been written down: it counts from now on. Raises what `check_part` raises."""
    attachment = await sent_by(work, key, lock=True)
    check_part(attachment, offset, length)
    work.session.add(AttachmentPart(attachment_id=key, begin=offset, object_name=object_name))
    attachment.received += length
    # An upload that goes on is not forgotten.
    if attachment.unlinked_at is not None:
        attachment.unlinked_at = work.now
    if attachment.received == attachment.size:
        attachment.status = "processing"
        params = {"attachment_id": str(key)}
        await start_job(work.session, PROCESS, params, caller=None, now=work.now, community_id=attachment.community_id)
    return attachment


async def read_by(work: Work, ids: list[UUID]) -> tuple[list[Attachment], set[UUID]]:
    """Those of these files that the caller sent or may read, and of which previews alone. Raises `NOT_FOUND` where there is none."""
    rows = list(
        await work.session.scalars(
            select(Attachment).where(among(work.session, col(Attachment.id), ids), col(Attachment.removed_at).is_(None))
        )
    )
    mine = {row.id for row in rows if work.caller is not None and row.person_id == work.caller.id}
    others = [row.id for row in rows if row.id not in mine]
    given = mine | (await readable(work, others) if others else set())
    rest = [one for one in others if one not in given]
    looked_at = await readable(work, rest, original=False) if rest else set()
    found = {row.id: row for row in rows if row.id in given | looked_at}
    if not found:
        raise NOT_FOUND()
    return [found[one] for one in dict.fromkeys(ids) if one in found], looked_at


async def ready_for(work: Work, key: UUID, size: Size, *, named_by: str | None = None) -> Any:
    """A file whose address the caller was given, by another service where one is named.

    Raises `NOT_FOUND` where it is not there, or they may not read it any more, or nothing of that service names it.
    """
    caller_id = work.caller.id if work.caller is not None else None
    row = await _READY.first(work.session, key=key, reader_id=caller_id)
    if (
        row is None
        or row.reader_status not in (None, "active")
        or row.reader_comes is False
        or (size != "original" and size not in row.sizes)
    ):
        raise NOT_FOUND()
    if named_by is not None:
        if row.purpose in FOR_ITS_READER and caller_id is None:
            raise NOT_FOUND()
        if not await is_used(work.session, key, named_by):
            raise NOT_FOUND()
        return row
    if row.person_id == caller_id:
        return row
    if key not in await readable(work, [key], original=size == "original"):
        raise NOT_FOUND()
    return row


async def limit_of(work: Work, community_id: UUID) -> AttachmentLimit:
    """How large files may be here."""
    await authorize(work.session, work.caller, ATTACHMENTS_CREATE.to_read, community_id, own=True, now=work.now)
    return await said(work.session, AttachmentLimit, community_id)


def _person(work: Work) -> Caller:
    if work.caller is None or work.caller.kind != "person":
        raise FORBIDDEN()
    return work.caller
