"""What goes with a duplicate to the discussion that it was merged into: replies, who follows and keeps it, reactions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.jobs import JobRun, Jobs, start_job
from services.content.bookmarks.service import keep_instead
from services.content.discussions.access import ends_of
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Turned
from services.content.holding.service import go_with
from services.content.reactions.service import move_reactions
from services.content.replies.models import Reply
from services.content.replies.occasions import RepliesMoved, replies_moved
from services.content.replies.removing import AT_ONCE, follow_some
from services.content.replies.rules import HELD_FROM
from services.content.replies.service import next_held
from services.content.subscriptions.service import follow_instead

MOVING = "discussions.merge"

jobs = Jobs()


async def follow_merged(session: AsyncSession, turned: Turned) -> None:
    """Let a job take what belongs to a duplicate to the other, 500 at a time."""
    source = turned.discussion
    if source.merged_into_id is not None and source.status == "closed":
        params = {"discussion_id": str(source.id)}
        at = source.removed_at or source.seen_since
        await start_job(session, MOVING, params, caller=turned.caller, now=at, community_id=source.community_id)


@jobs.kind(MOVING)
async def move(job: JobRun) -> None:
    """Take everything there. Each step looks anew where the discussion went in the end: that may be merged meanwhile."""
    key = UUID(job.params["discussion_id"])
    async with job.step() as session:
        source, target = await _both(session, key)
        await keep_instead(session, source.id, target.id)
        await move_reactions(session, source, target)
        await session.flush()
    moved = AT_ONCE
    while moved == AT_ONCE:
        async with job.step() as session:
            source, target = await _both(session, key)
            moved = await follow_instead(session, source.id, target.id, job.started_at, most=AT_ONCE)
            job.advance(done=moved)
    moved = AT_ONCE
    while moved == AT_ONCE:
        async with job.step() as session:
            source, target = await _both(session, key)
            moved = await _move_some(session, source, target)
            job.advance(done=moved)


async def _both(session: AsyncSession, key: UUID) -> tuple[Discussion, Discussion]:
    """The duplicate and where it went in the end, locked in the order of their ids."""
    source = await existing(session, Discussion, key)
    while True:
        end = (await ends_of(session, [source]))[key]
        locked = {one: await existing(session, Discussion, one, lock=True) for one in sorted({key, end.id})}
        if locked[end.id].merged_into_id is None:
            return locked[key], locked[end.id]


async def _move_some(session: AsyncSession, source: Discussion, target: Discussion) -> int:
    some = select(Reply).where(col(Reply.discussion_id) == source.id).order_by(col(Reply.position)).limit(AT_ONCE)
    replies = (await session.execute(some.with_for_update())).scalars().all()
    after = target.last_position
    before = [reply.position for reply in replies if reply.position < HELD_FROM]
    await _place(session, source, target, replies)
    await session.flush()
    ids = [reply.id for reply in replies]
    await go_with(session, ids, target.id)
    await replies_moved.happened(session, RepliesMoved(source, target, before, after, ids))
    await follow_some(session, target)
    return len(replies)


async def _place(session: AsyncSession, source: Discussion, target: Discussion, replies: Sequence[Reply]) -> None:
    held_at = await next_held(session, target) if any(reply.position >= HELD_FROM for reply in replies) else 0
    for reply in replies:
        reply.discussion_id = target.id
        if reply.position >= HELD_FROM:
            reply.position, held_at = held_at, held_at + 1
            continue
        target.last_position += 1
        reply.position = target.last_position
        others = reply.author_id != target.author_id
        if others:
            target.first_other_at = min(target.first_other_at or reply.created_at, reply.created_at)
        if reply.causes:
            continue
        source.reply_count -= 1
        source.others -= reply.author_id != source.author_id
        target.reply_count += 1
        target.others += others
        target.last_activity_at = max(target.last_activity_at, reply.seen_since or reply.created_at)
        if target.last_reply_at is None or reply.created_at >= target.last_reply_at:
            target.last_reply_by_id, target.last_reply_at = reply.author_id, reply.created_at
    if not source.reply_count:
        source.last_reply_by_id = source.last_reply_at = None
