"""Who sees what guests sent, and what becomes of it when they do not come."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.content.attachments.models import Attachment, AttachmentLink, AttachmentUse
from services.content.attachments.occasions import Asked, Named
from services.content.attachments.rules import ACTIVITY, MATERIAL
from services.content.attachments.showing import public
from services.content.discussions.files import standings_of
from services.content.guests.occasions import GuestsGone
from services.content.guests.queries import activity_by_id, guest_by_id, names_of, organisers_of
from services.content.materials.schemas import MaterialPublic
from services.content.permissions import ARTICLES_WRITE, ATTACHMENTS_CREATE


async def listing(work: Work, activity_id: UUID) -> Listing:
    """What was sent for an activity, as far as the caller sees it. Raises `NOT_FOUND` for who sees nothing."""
    guest = work.caller if work.caller is not None and work.caller.kind == "guest" else None
    known: Any = (
        await activity_by_id(work.session, activity_id) if guest is None else await guest_by_id(work.session, guest.id)
    )
    if known is None:
        raise NOT_FOUND()
    standing = await authorize(
        work.session,
        work.caller,
        ATTACHMENTS_CREATE.to_read,
        known.community_id,
        own=True,
        activity_id=activity_id,
        now=work.now,
    )
    wanted = select(Attachment).where(col(Attachment.activity_id) == activity_id, col(Attachment.removed_at).is_(None))
    if guest is not None:
        wanted = wanted.where(col(Attachment.person_id) == guest.id)
    elif not _sees(standing, known.organiser_ids):
        raise NOT_FOUND()
    return Listing(wanted, [col(Attachment.created_at).asc(), col(Attachment.id).asc()])


async def shown(work: Work, rows: Sequence[Attachment]) -> list[MaterialPublic]:
    """Materials with who sent them."""
    names = await names_of(work.session, {row.person_id for row in rows})
    return [
        MaterialPublic(
            **public(work.session, work.caller, row, work.now).model_dump()
            | {"activity_id": row.activity_id, "created_at": row.created_at},
            speaker_id=row.person_id,
            speaker_name=names.get(row.person_id),
        )
        for row in rows
    ]


async def material_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those of activities that the caller runs, and of all as operator or owner."""
    named = [one for one in asked.named if one.kind == ACTIVITY]
    if not named:
        return []
    standings = await standings_of(session, asked, named)
    organisers = await organisers_of(session, {one.object_id for one in named})
    return [
        one
        for one in named
        if one.community_id in standings and _sees(standings[one.community_id], organisers.get(one.object_id, ()))
    ]


def _sees(standing: Standing, organiser_ids: Collection[str]) -> bool:
    runs = "S" not in standing.columns and str(standing.member_id) in organiser_ids
    return runs or Reach.ALL in ARTICLES_WRITE.reach(standing.columns)


async def follow_gone(session: AsyncSession, gone: GuestsGone) -> None:
    """Their activity names what they sent no more: what nothing else names is forgotten."""
    theirs: Any = select(col(Attachment.id)).where(
        among(session, col(Attachment.person_id), list(gone.invitation_ids)), col(Attachment.purpose) == MATERIAL
    )
    # Locked first: whoever names one now comes before, or after.
    ids = list(await session.scalars(theirs.order_by(col(Attachment.id)).with_for_update()))
    if not ids:
        return
    links, uses = col(AttachmentLink.attachment_id), col(AttachmentUse.attachment_id)
    await session.execute(
        delete(AttachmentLink).where(among(session, links, ids), col(AttachmentLink.object_kind) == ACTIVITY)
    )
    still = select(links).where(among(session, links, ids))
    used = select(uses).where(among(session, uses, ids), col(AttachmentUse.linked).is_(True))
    lost = update(Attachment).where(
        among(session, col(Attachment.id), ids),
        col(Attachment.unlinked_at).is_(None),
        col(Attachment.id).not_in(still),
        col(Attachment.id).not_in(used),
    )
    await session.execute(lost.values(unlinked_at=gone.at))
