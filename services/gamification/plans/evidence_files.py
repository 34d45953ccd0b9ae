"""The files of a day that was handed in: kept as long as it has them, and shown to whoever reads its evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.avatars import ANYBODY
from chassis.database.statements import Prepared, bindparam
from chassis.problems import INVALID
from chassis.receipts import Receipt
from chassis.signed import LONG, SHORT
from chassis.web.work import Work
from services.gamification.base import links
from services.gamification.checkins.evidence import USED
from services.gamification.plans.models import PlanEntry
from services.gamification.plans.schemas import EvidenceFile

KIND: Final = "plan_entry"
_PLAYED: Final = ("audio/", "video/")
"""What is asked for as it is played, and so for longer."""

_LINKS = links.table.c
_USED: Prepared[UUID] = Prepared(
    lambda on: (
        select(_LINKS.attachment_id)
        .outerjoin(PlanEntry, col(PlanEntry.id) == _LINKS.object_id)
        .where(
            on.among(_LINKS.attachment_id, "ids"),
            _LINKS.linked.is_(True),
            # What names somebody else's file as its own does not have it.
            _LINKS.person_id == bindparam("person_id"),
            or_(col(PlanEntry.id).is_(None), col(PlanEntry.checkin_id) != bindparam("checkin_id")),
        )
    )
)


async def refuse_used(session: AsyncSession, files: Sequence[Receipt], checkin_id: UUID) -> None:
    """Refuse files of something else than this day, for whichever of its plans. Their sender's wallet is locked.

    Raises `INVALID`.
    """
    if not files:
        return
    (person_id,) = {one.person_id for one in files}
    ids = [one.attachment_id for one in files]
    used = set(await _USED.all(session, ids=ids, checkin_id=checkin_id, person_id=person_id))
    wrong = [USED(place) for place, one in enumerate(files) if one.attachment_id in used]
    if wrong:
        raise INVALID(errors=wrong)


def as_kept(files: Sequence[Receipt]) -> list[dict[str, Any]]:
    """What a day keeps of its files."""
    return [
        {
            "id": str(one.attachment_id),
            "name": one.name,
            "media_type": one.media_type,
            "size": one.size,
            "previews": one.previews,
        }
        for one in files
    ]


async def keep_files(session: AsyncSession, entry: PlanEntry, person_id: UUID, now: datetime) -> None:
    """Have the files kept with which a day, which is locked or new, was handed in, and those let go that it had before."""
    if not entry.files and entry.version == 1:
        return
    await links.keep(
        session,
        kind=KIND,
        object_id=entry.id,
        person_id=person_id,
        files=[UUID(one["id"]) for one in entry.files],
        now=now,
        community_id=entry.community_id,
    )


def shown_files(work: Work, entry: PlanEntry) -> list[EvidenceFile]:
    """A day's files, with addresses for this reader alone."""
    reader = work.caller.id if work.caller is not None else ANYBODY

    def address(file: dict[str, Any], size: str) -> str:
        longest = LONG if file["media_type"].startswith(_PLAYED) else SHORT
        return links.address(work.session, UUID(file["id"]), size, now=work.now, reader=reader, longest=longest)

    return [
        EvidenceFile(
            attachment_id=UUID(one["id"]),
            name=one["name"],
            media_type=one["media_type"],
            size=one["size"],
            href=address(one, "original"),
            small=address(one, "small") if one["previews"] else None,
            large=address(one, "large") if one["previews"] else None,
        )
        for one in entry.files
    ]
