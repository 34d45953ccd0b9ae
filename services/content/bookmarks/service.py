"""Keeping a piece of content, and no longer."""

from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import col

from chassis.database.bulk import insert_new
from chassis.web.work import Work
from services.content.bookmarks.models import Bookmark

_BOOKMARKS: Table = Bookmark.__table__  # type: ignore[attr-defined]


async def keep(work: Work, member_id: UUID, kind: str, object_id: UUID, *, kept: bool) -> None:
    """Bookmark something that the member sees, or no longer. Again, it changes nothing."""
    if not kept:
        mine = (col(Bookmark.member_id) == member_id, col(Bookmark.object_id) == object_id)
        await work.session.execute(delete(Bookmark).where(*mine))
        return
    row = {"member_id": member_id, "object_id": object_id, "object_kind": kind, "created_at": work.now}
    await insert_new(work.session, _BOOKMARKS, [row], key=["member_id", "object_id"])
