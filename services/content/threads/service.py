"""Use cases of reading: what a member has read only grows."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, case, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.content.bookmarks.service import keep
from services.content.discussions.access import Seen, ends_of, seen
from services.content.discussions.occasions import WasRead, discussion_read
from services.content.groups import GroupReader, reader_of
from services.content.permissions import READ_MARKS_OWN
from services.content.replies.occasions import RepliesMoved
from services.content.subscriptions.service import follow
from services.content.threads.models import ReadFloor, ReadMark
from services.content.threads.schemas import ReadBefore

_MARKS: Table = ReadMark.__table__  # type: ignore[attr-defined]
_FLOORS: Table = ReadFloor.__table__  # type: ignore[attr-defined]


async def read_upto(work: Work, key: UUID, upto: int) -> tuple[Seen, ReadMark]:
    """Have the caller read a discussion up to a position. The discussion is not locked."""
    found = await seen(work, key)
    member_id = _member(found.standing)
    mark = {
        "member_id": member_id,
        "discussion_id": found.discussion.id,
        "read_upto": min(upto, found.discussion.last_position),
        "changed_at": work.now,
    }
    await merge_many(work.session, _MARKS, [mark], _reading_on)
    # That somebody without a name reads, nobody counts.
    if not found.is_unnamed:
        await discussion_read.happened(work.session, WasRead(found.discussion, member_id, work.now))
    return found, await existing(work.session, ReadMark, (member_id, key))


async def read_before(work: Work, body: ReadBefore) -> tuple[ReadFloor, GroupReader]:
    """Have the caller read everything in a community that was written before a moment; by what they see groups there."""
    standing = await authorize(work.session, work.caller, READ_MARKS_OWN, body.community_id, own=True, now=work.now)
    floor = {"member_id": _member(standing), "read_before": min(body.before, work.now)}
    await merge_many(work.session, _FLOORS, [floor], _raising)
    return await existing(work.session, ReadFloor, floor["member_id"]), reader_of(standing)


async def bookmark(work: Work, key: UUID, *, kept: bool) -> Seen:
    """Have the caller keep a discussion, or no longer."""
    found = await seen(work, key)
    end = await _where_it_went(work, found)
    if not kept and end is not found:
        await keep(work, _member(found.standing), "discussion", key, kept=False)
    await keep(work, _member(found.standing), "discussion", end.discussion.id, kept=kept)
    return end


async def subscribe(work: Work, key: UUID, *, on: bool) -> Seen:
    """Have the caller follow a discussion, or no longer."""
    found = await seen(work, key)
    end = await _where_it_went(work, found)
    if not on and end is not found:
        await follow(work, _member(found.standing), found.discussion.community_id, "discussion", key, on=False)
    one = end.discussion
    await follow(work, _member(found.standing), one.community_id, "discussion", one.id, on=on)
    return end


async def follow_moved(session: AsyncSession, moved: RepliesMoved) -> None:
    """Who had read all there and what came with a duplicate has read that: their mark moves on. Nobody else's does."""
    here, there = aliased(ReadMark), aliased(ReadMark)
    marks = (
        select(col(here.member_id), col(there.read_upto))
        .join(there, (col(there.member_id) == col(here.member_id)) & (col(there.discussion_id) == moved.source.id))
        .where(col(here.discussion_id) == moved.target.id, col(here.read_upto) == moved.after)
    )
    read = [(member_id, bisect_right(moved.before, upto)) for member_id, upto in (await session.execute(marks)).all()]
    rows = [
        {
            "member_id": member_id,
            "discussion_id": moved.target.id,
            "read_upto": moved.after + more,
            "changed_at": moved.source.removed_at,
        }
        for member_id, more in sorted(read)
        if more
    ]
    if rows:
        await merge_many(session, _MARKS, rows, _reading_on)


async def _where_it_went(work: Work, found: Seen) -> Seen:
    """A discussion, or the one that it was merged into: what one keeps of the other nothing would take there any more."""
    end = (await ends_of(work.session, [found.discussion])).get(found.discussion.id)
    return (
        found
        if end is None or end.removed_at is not None
        else Seen(end, found.unmasked, found.unmasked, found.dissolved)
    )


def _member(standing: Standing) -> UUID:
    if standing.member_id is None:
        raise NOT_FOUND()
    return standing.member_id


def _reading_on(table: Table, added: Any, names: Sequence[str]) -> Any:
    further = added.excluded.read_upto > table.c.read_upto
    return added.on_conflict_do_update(
        index_elements=[table.c.member_id, table.c.discussion_id],
        set_={name: case((further, added.excluded[name]), else_=table.c[name]) for name in ("read_upto", "changed_at")},
    )


def _raising(table: Table, added: Any, names: Sequence[str]) -> Any:
    later = added.excluded.read_before > table.c.read_before
    return added.on_conflict_do_update(
        index_elements=[table.c.member_id],
        set_={"read_before": case((later, added.excluded.read_before), else_=table.c.read_before)},
    )
