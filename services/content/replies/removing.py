"""How replies are removed and restored: by their authors and moderators, and with their discussion."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.database.rows import existing
from chassis.ids import is_mask
from chassis.jobs import JobRun, Jobs, start_job
from chassis.messaging.outbox import Outgoing
from chassis.web.work import Work
from contracts.content import ContentRemoval, ReplyRemoved, ReplyRestored
from services.content import removal
from services.content.deeds.service import deeds
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Turned
from services.content.discussions.rules import Cause
from services.content.permissions import CONTENT_REMOVE, CONTENT_RESTORE
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply
from services.content.replies.occasions import ReplyTurned, reply_turned
from services.content.replies.service import about, appear, count_in, count_out, parent_of

FOLLOWING = "replies.follow"
AT_ONCE = 500

jobs = Jobs()


async def remove(work: Work, key: UUID) -> SeenReply:
    """Take it away for all but its author and moderators; comments on it stay."""
    found = await seen_reply(work, key, lock=True, of=CONTENT_REMOVE)
    found.refuse("remove")
    return await turn(work, found, [*found.reply.causes, found.as_], "remove", found.as_)


async def restore(work: Work, key: UUID) -> SeenReply:
    """Take back what the caller removed, as a moderator what any moderator did."""
    found = await seen_reply(work, key, lock=True, of=CONTENT_RESTORE)
    found.refuse("restore")
    causes = [cause for cause in found.reply.causes if cause != found.as_]
    return await turn(work, found, causes, "restore", found.as_)


async def turn(work: Work, found: SeenReply, causes: list[str], action: str, cause: Cause) -> SeenReply:
    """Give a locked reply these live causes, of which this one is new or gone, and tell whether it is seen."""
    reply, before = found.reply, found.reply.causes
    if removal.caused(reply, causes, work.now):
        if found.accepted:
            found.thread.discussion.accepted_removed = bool(causes)
        if not causes and not await deeds.was_told(work.session, reply.id, "made"):
            await appear(work, found)
        else:
            await _count(work.session, found)
            if not reply.with_discussion:
                await deeds.tell(work.session, "shown", [removal_of(reply, cause, work.now)])
        await reply_turned.happened(work.session, ReplyTurned(reply))
    if not found.mine:
        await audit(work.session, work.caller, reply, action, {"causes": [before, causes]}, work.now)
    return found


async def _count(session: AsyncSession, found: SeenReply) -> None:
    discussion, reply = found.thread.discussion, found.reply
    parent = await parent_of(session, reply)
    if not reply.causes:
        count_in(discussion, parent, reply)
        return
    if count_out(discussion, parent, reply):
        await find_last(session, discussion, but=reply.id)


async def find_last(session: AsyncSession, discussion: Discussion, *, but: UUID | None = None) -> None:
    """Look for the last of the replies that are seen: what waited, came from an archive or with a duplicate stands behind what was said later."""
    seen = select(Reply).where(col(Reply.discussion_id) == discussion.id, col(Reply.removed_at).is_(None))
    if but is not None:
        seen = seen.where(col(Reply.id) != but)
    latest = seen.order_by(col(Reply.created_at).desc(), col(Reply.position).desc()).limit(1)
    last = (await session.execute(latest)).scalar_one_or_none()
    discussion.last_reply_by_id = last.author_id if last else None
    discussion.last_reply_at = last.created_at if last else None


def removal_of(reply: Reply, cause: Cause, at: datetime) -> Outgoing:
    """What is told of a reply that is no longer seen, or is seen again."""
    kind: type[ContentRemoval] = ReplyRemoved if reply.causes or reply.with_discussion else ReplyRestored
    return removal.told(kind, about(reply), reply, cause, at)


# --- with their discussion -----------------------------------------------------------------------------------------


async def follow_discussion(session: AsyncSession, turned: Turned) -> None:
    """Let a job tell of the replies, which nobody sees without their discussion, or sees again with it."""
    discussion = turned.discussion
    if discussion.merged_into_id is None and discussion.last_position:
        params = {"discussion_id": str(discussion.id), "history": turned.arrived_at is not None}
        now = turned.arrived_at or discussion.removed_at or discussion.seen_since
        community_id = discussion.community_id
        # Who removed what is unnamed may be who asked it.
        caller = None if is_mask(discussion.author_id) else turned.caller
        await start_job(session, FOLLOWING, params, caller=caller, now=now, community_id=community_id)


@jobs.kind(FOLLOWING)
async def follow(job: JobRun) -> None:
    """Tell of each reply that it is as its discussion is now: also if that changed since the job began."""
    more = True
    while more:
        async with job.step() as session:
            context_of(session).backfill = job.params.get("history", False)
            discussion = await existing(session, Discussion, UUID(job.params["discussion_id"]), lock=True)
            told = await follow_some(session, discussion)
            job.advance(done=told)
            more = told == AT_ONCE


async def follow_some(session: AsyncSession, discussion: Discussion) -> int:
    """Tell of some replies that they are as their locked discussion is."""
    if discussion.merged_into_id is not None:
        # They go to where it went, and are told of with that.
        return 0
    removed = discussion.removed_at is not None
    different = select(Reply).where(
        col(Reply.discussion_id) == discussion.id, col(Reply.with_discussion).is_(not removed)
    )
    rows = (await session.execute(different.order_by(col(Reply.position)).limit(AT_ONCE).with_for_update())).scalars()
    replies = rows.all()
    messages = []
    for reply in replies:
        reply.with_discussion = removed
        if not reply.causes:
            messages.append(removal_of(reply, "parent", discussion.removed_at or discussion.seen_since))
    await deeds.tell(session, "shown", messages)
    return len(replies)
