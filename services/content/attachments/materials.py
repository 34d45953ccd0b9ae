"""What guests send for the activity that they speak at: named by the activity, so it is kept as long as they come."""

from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.said import said
from chassis.web.work import Work
from services.content.attachments import problems
from services.content.attachments.models import Attachment, AttachmentLimit, AttachmentLink
from services.content.attachments.rules import ACTIVITY, LEAST_COUNTED, MATERIAL, MOST_OF_A_GUEST, ROOM_OF_A_GUEST
from services.content.attachments.schemas import AttachmentCreate
from services.content.guests.access import guest_locked
from services.content.permissions import ATTACHMENTS_CREATE


async def announce_material(work: Work, guest: Caller, body: AttachmentCreate) -> Attachment:
    """A guest says that a file will come for their activity. Raises `FORBIDDEN` for another purpose, `TOO_MANY_UPLOADS`, `UPLOADS_FULL`."""
    row = await guest_locked(work, guest)
    await authorize(
        work.session, guest, ATTACHMENTS_CREATE, row.community_id, activity_id=row.activity_id, now=work.now
    )
    if body.community_id not in (None, row.community_id):
        raise NOT_FOUND()
    if body.purpose != MATERIAL:
        raise FORBIDDEN("Guests send materials alone.", "外部讲师只能上传课件资料。")
    largest = (await said(work.session, AttachmentLimit, row.community_id)).largest
    if body.size > largest:
        raise INVALID(errors=[problems.too_large(largest)])
    sent, taken = await _taken(work.session, guest.id)
    if sent >= MOST_OF_A_GUEST:
        raise problems.TOO_MANY_UPLOADS(limit=MOST_OF_A_GUEST)
    if taken + max(body.size, LEAST_COUNTED) > ROOM_OF_A_GUEST:
        raise problems.UPLOADS_FULL(limit=ROOM_OF_A_GUEST, taken=taken)
    attachment = Attachment(
        community_id=row.community_id,
        activity_id=row.activity_id,
        person_id=guest.id,
        purpose=MATERIAL,
        name=body.name,
        declared_type=body.media_type.lower(),
        size=body.size,
        created_at=work.now,
    )
    work.session.add(attachment)
    await work.session.flush()
    work.session.add(
        AttachmentLink(
            attachment_id=attachment.id,
            object_id=row.activity_id,
            object_kind=ACTIVITY,
            community_id=row.community_id,
            shown=True,
        )
    )
    await work.session.flush()
    return attachment


async def _taken(session: AsyncSession, invitation_id: UUID) -> tuple[int, int]:
    """How many files of a guest there are, and how much room they take."""
    counts_as = case((col(Attachment.size) > LEAST_COUNTED, col(Attachment.size)), else_=LEAST_COUNTED)
    size = func.coalesce(func.sum(counts_as), 0)
    theirs = (col(Attachment.person_id) == invitation_id, col(Attachment.removed_at).is_(None))
    sent, taken = (await session.execute(select(func.count(), size).where(*theirs))).one()
    return int(sent), int(taken)
