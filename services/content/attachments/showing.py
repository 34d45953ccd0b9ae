"""How files become answers: with addresses that are signed for whoever they are shown to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared, bindparam
from chassis.receipts import Receipt, receipt_of
from chassis.security.caller import Caller
from chassis.signed import LONG, QUARTER, SHORT, good_until, is_signed, signature_of
from chassis.web.work import Work
from services.content.attachments.models import Attachment, AttachmentLink
from services.content.attachments.pictures import MADE_AS
from services.content.attachments.rules import Size, named_in
from services.content.attachments.schemas import AttachmentPublic, PreviewPublic, PreviewsPublic, WatermarkPublic
from services.content.attachments.sniffing import ANYTHING, PLAYED
from services.content.base import known
from services.content.permissions import ARTICLES_READ, DISCUSSIONS_READ, IDEAS_READ

NOBODY = UUID(int=0)
"""For whom the addresses in answers to those are who did not log in."""
ReaderKind = Literal["person", "service"]
_OF_SERVICES = frozenset(one.name for one in (DISCUSSIONS_READ, ARTICLES_READ, IDEAS_READ))

_PLAIN = ("id", "name", "purpose", "media_type", "size", "status", "refused", "width", "height")
_SHOWN = (*_PLAIN, "sizes", "removed_at")
_NAMED_BY: Prepared[Any] = Prepared(
    lambda on: (
        select(*(col(getattr(Attachment, name)) for name in _SHOWN), col(AttachmentLink.object_id))
        .join(AttachmentLink, col(AttachmentLink.attachment_id) == col(Attachment.id))
        .where(on.among(col(AttachmentLink.object_id), "ids"), col(Attachment.removed_at).is_(None))
    )
)
TAIL: Final = 4
"""How much of a number a watermark has."""
_PERSON: Prepared[Any] = Prepared(
    select(known.people.c.display_name, known.people.c.employee_no).where(known.people.c.id == bindparam("key"))
)


async def of_bodies(
    work: Work, bodies: Mapping[UUID, str], *, originals: bool = True
) -> dict[UUID, list[AttachmentPublic]]:
    """The files that these pieces of content name in these bodies, in their order; one statement, none where nothing is named.

    Without `originals` previews alone, for one statement more. Only what was looked at when it was written is shown: to name a file in an archive gives nobody anything.
    """
    wanted = {key: named for key, body in bodies.items() if (named := named_in(body))}
    if not wanted:
        return {}
    mark = None if originals else await watermark_of(work)
    found: dict[tuple[UUID, UUID], Any] = {}
    for row in await _NAMED_BY.all(work.session, ids=list(wanted)):
        found[row.object_id, row.id] = row
    return {
        key: [
            public(work.session, work.caller, found[key, one], work.now, mark) for one in named if (key, one) in found
        ]
        for key, named in wanted.items()
    }


async def watermark_of(work: Work) -> WatermarkPublic:
    """What is drawn over what the caller looks at."""
    caller = work.caller
    person = await _PERSON.first(work.session, key=caller.id) if caller is not None else None
    if person is None:
        return WatermarkPublic(name=None, employee_no_tail=None)
    return WatermarkPublic(name=person.display_name, employee_no_tail=(person.employee_no or "")[-TAIL:] or None)


def public(
    session: AsyncSession, caller: Caller | None, row: Any, now: datetime, watermark: WatermarkPublic | None = None
) -> AttachmentPublic:
    """A file for this reader; under a watermark previews alone."""
    ready = row.status == "ready" and row.removed_at is None
    played = (row.media_type or "").startswith(PLAYED)
    until = good_until(now, LONG if played else SHORT)
    key = context_of(session).runtime.address_secret
    previews = {
        name: PreviewPublic(
            href=_address(key, row.id, name, caller, until),
            width=size["width"],
            height=size["height"],
            media_type=MADE_AS,
        )
        for name, size in (row.sizes if ready else {}).items()
    }
    return AttachmentPublic(
        **{name: getattr(row, name) for name in _PLAIN},
        href=_address(key, row.id, "original", caller, until) if ready and watermark is None else None,
        expires_at=until if ready else None,
        previews=PreviewsPublic(**previews) if previews else None,
        watermark=watermark,
    )


def receipt_for(work: Work, row: Attachment) -> str | None:
    """What the caller hands on of a file that they sent under their own name, once it is ready."""
    caller = work.caller
    if row.status != "ready" or caller is None or caller.kind != "person" or caller.id != row.person_id:
        return None
    receipt = Receipt(
        attachment_id=row.id,
        person_id=row.person_id,
        community_id=row.community_id,
        purpose=row.purpose,
        name=row.name,
        media_type=row.media_type or ANYTHING,
        size=row.size,
        previews=bool(row.sizes),
    )
    return receipt_of(context_of(work.session).runtime.address_secret, receipt, good_until(work.now, LONG))


def _address(key: bytes, attachment_id: UUID, size: Size | str, caller: Caller | None, until: datetime) -> str:
    stamp = int(until.timestamp()) // QUARTER
    reader, kind = reader_of(caller)
    query = {"size": size, "reader": reader, "until": stamp} | ({} if kind == "person" else {"kind": kind})
    signed = signature_of(key, attachment_id, size, reader, kind, stamp)
    return f"/v1/attachments/{attachment_id}/content?{urlencode(query | {'signature': signed})}"


def is_good(
    key: bytes, attachment_id: UUID, size: str, reader: UUID, kind: str, until: int, signature: str, now: datetime
) -> bool:
    """Whether an address was signed by this installation, and is so still."""
    return now.timestamp() < until * QUARTER and is_signed(key, signature, attachment_id, size, reader, kind, until)


def reader_of(caller: Caller | None) -> tuple[UUID, ReaderKind]:
    """For whom an address is, and as what they read."""
    if caller is None:
        return NOBODY, "person"
    return caller.id, "service" if caller.kind == "service" else "person"


def caller_of(reader: UUID, kind: ReaderKind) -> Caller | None:
    """Whom an address was signed for, as what they read: so much of their token as that takes, for administrators read nothing more."""
    if reader == NOBODY:
        return None
    if kind == "service":
        return Caller("service", reader, NOBODY, _OF_SERVICES)
    return Caller("person", reader, NOBODY)
