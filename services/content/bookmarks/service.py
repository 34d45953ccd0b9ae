"""Keeping a piece of content, and no longer."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared, Spelling
from chassis.web.work import Work
from services.content.bookmarks.models import Bookmark

_BOOKMARKS: Table = Bookmark.__table__  # type: ignore[attr-defined]


def _also(on: Spelling) -> Any:
    of_one = select(
        _BOOKMARKS.c.member_id, bindparam("other_id", type_=Uuid), _BOOKMARKS.c.object_kind, _BOOKMARKS.c.created_at
    ).where(_BOOKMARKS.c.object_id == bindparam("object_id"))
    names = ["member_id", "object_id", "object_kind", "created_at"]
    return on.insert(_BOOKMARKS).from_select(names, of_one).on_conflict_do_nothing()


_ALSO: Prepared[Any] = Prepared(_also)
_NO_LONGER: Prepared[Any] = Prepared(delete(_BOOKMARKS).where(_BOOKMARKS.c.object_id == bindparam("object_id")))


async def keep(work: Work, member_id: UUID, kind: str, object_id: UUID, *, kept: bool) -> None:
    """Bookmark something that the member sees, or no longer. Again, it changes nothing."""
    if not kept:
        mine = (col(Bookmark.member_id) == member_id, col(Bookmark.object_id) == object_id)
        await work.session.execute(delete(Bookmark).where(*mine))
        return
    row = {"member_id": member_id, "object_id": object_id, "object_kind": kind, "created_at": work.now}
    await insert_new(work.session, _BOOKMARKS, [row], key=["member_id", "object_id"])


async def keep_instead(session: AsyncSession, object_id: UUID, other_id: UUID) -> None:
    """Have whoever keeps one thing keep another in its place, each once."""
    await _ALSO.run(session, object_id=object_id, other_id=other_id)
    await _NO_LONGER.run(session, object_id=object_id)
