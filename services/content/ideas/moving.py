"""Votes of a duplicate go to the idea that it was merged into, some at a time."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, delete, exists, func, literal, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.jobs import JobRun, Jobs
from services.content.ideas.models import Idea, IdeaVote
from services.content.ideas.queries import end_of

MOVING: Final = "ideas.merge"
AT_ONCE = 500

jobs = Jobs()

_IDEAS: Table = Idea.__table__  # type: ignore[attr-defined]
_VOTES: Table = IdeaVote.__table__  # type: ignore[attr-defined]


@jobs.kind(MOVING)
async def move(job: JobRun) -> None:
    """Take the votes there. Each step looks anew where the idea ends: that may be merged meanwhile."""
    source_id = UUID(job.params["idea_id"])
    moved = AT_ONCE
    while moved == AT_ONCE:
        async with job.step() as session:
            moved = await move_some(session, source_id, await end_locked(session, source_id))
            job.advance(done=moved)


async def end_locked(session: AsyncSession, key: UUID) -> Idea:
    """The idea at the end of the merges of one, locked. Who was merged while others waited has another end: that comes later in the chain."""
    locked = await existing(session, Idea, await end_of(session, key), lock=True)
    while locked.merged_into_id is not None:
        locked = await existing(session, Idea, locked.merged_into_id, lock=True)
    return locked


async def move_some(session: AsyncSession, source_id: UUID, target: Idea) -> int:
    """Let some votes for a duplicate count for the locked idea in which it ends. Returns how many there were."""
    member_ids = await _SOME.all(session, source=source_id, most=AT_ONCE)
    await _carry(session, source_id, target, member_ids)
    return len(member_ids)


async def move_those_of(session: AsyncSession, member_id: UUID, target: Idea) -> None:
    """The same of one member from all duplicates that end there: what they do now is about a vote that has not come yet, too."""
    for source_id in await _WAITING.all(session, target=target.id, member_id=member_id):
        await _carry(session, source_id, target, [member_id])


async def _carry(session: AsyncSession, source_id: UUID, target: Idea, member_ids: Collection[UUID]) -> None:
    """Who voted for both has one vote."""
    if not member_ids:
        return
    await session.flush()
    those = {"source": source_id, "member_ids": list(member_ids)}
    target.votes += await _MORE.one(session, target=target.id, **those)
    await _MOVED.run(session, target=target.id, **those)
    await _TAKEN.run(session, **those)


def _given(on: Spelling) -> list[Any]:
    return [_VOTES.c.idea_id == bindparam("source"), on.among(_VOTES.c.member_id, "member_ids"), _VOTES.c.given]


def _more(on: Spelling) -> Any:
    there = _VOTES.alias()
    counted = exists().where(
        there.c.idea_id == bindparam("target"), there.c.member_id == _VOTES.c.member_id, there.c.given
    )
    return select(func.count()).select_from(_VOTES).where(*_given(on), ~counted)


def _moved(on: Spelling) -> Any:
    target = bindparam("target", type_=_VOTES.c.idea_id.type)
    votes = select(target, _VOTES.c.member_id, _VOTES.c.given, _VOTES.c.voted_at, literal(0)).where(*_given(on))
    added = on.insert(_VOTES).from_select(["idea_id", "member_id", "given", "voted_at", "messages_published"], votes)
    return added.on_conflict_do_update(index_elements=["idea_id", "member_id"], set_={"given": true()})


def _waiting(on: Spelling) -> Any:
    way = select(_IDEAS.c.id).where(_IDEAS.c.merged_into_id == bindparam("target")).cte("way", recursive=True)
    way = way.union_all(select(_IDEAS.c.id).join(way, _IDEAS.c.merged_into_id == way.c.id))
    of = (_VOTES.c.idea_id == way.c.id) & (_VOTES.c.member_id == bindparam("member_id")) & _VOTES.c.given
    return select(_VOTES.c.idea_id).join_from(way, _VOTES, of)


_SOME: Prepared[UUID] = Prepared(
    select(_VOTES.c.member_id)
    .where(_VOTES.c.idea_id == bindparam("source"))
    .order_by(_VOTES.c.member_id)
    .limit(bindparam("most"))
)
_MORE: Prepared[int] = Prepared(_more)
_MOVED: Prepared[Any] = Prepared(_moved)
_TAKEN: Prepared[Any] = Prepared(
    lambda on: delete(_VOTES).where(_VOTES.c.idea_id == bindparam("source"), on.among(_VOTES.c.member_id, "member_ids"))
)
_WAITING: Prepared[UUID] = Prepared(_waiting)
