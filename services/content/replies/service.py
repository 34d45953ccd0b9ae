"""Use cases of replies: posting and changing them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.ids import is_mask
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID, NOT_FOUND
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.content import ReplyPosted
from contracts.fields import ContentObject
from services.content.attachments.naming import keep_named
from services.content.attachments.occasions import Named
from services.content.deeds.service import deeds
from services.content.discussions.access import seen
from services.content.discussions.models import Discussion
from services.content.discussions.service import refuse
from services.content.holding.service import hold, mended
from services.content.markdown import Rendered, rendered
from services.content.mentions import mentioned
from services.content.newcomers import refuse_newcomer
from services.content.permissions import CONTENT_EDIT
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply
from services.content.replies.occasions import (
    ReplyEdited,
    ReplyTurned,
    ReplyWritten,
    reply_edited,
    reply_posted,
    reply_turned,
    reply_written,
)
from services.content.replies.problems import NO_ANSWER_BELOW, NOT_BELOW_THIS, TEXT_REPEATED, UNKNOWN_PARENT
from services.content.replies.rules import HELD_FROM, REPEATED_WITHIN, digest_of
from services.content.replies.schemas import ReplyCreate, ReplyPatch
from services.content.scanning.scanners import judged
from services.content.unnamed.masks import written_by

MOST_IN_FIRST_DAY = 10
"""How many replies people from outside write in it."""

_POSTED: Prepared[int] = Prepared(
    select(func.count()).where(written_by(col(Reply.author_id)), col(Reply.created_at) >= bindparam("since"))
)


async def post(work: Work, body: ReplyCreate) -> SeenReply:
    """Answer or comment. What a list holds waits for a moderator.

    Raises `THREAD_CLOSED`, `UNKNOWN_PARENT`, `TEXT_REPEATED`, `TEXT_REFUSED`, `FIRST_DAY_FULL`.
    """
    thread = await seen(work, body.discussion_id, lock=True)
    author_id = thread.standing.member_id
    if author_id is None:
        raise NOT_FOUND()
    refuse(thread, "reply")
    await refuse_newcomer(work, thread.unmasked, _POSTED, MOST_IN_FIRST_DAY)
    verdict = await judged(work.session, thread.discussion.community_id, {"body": body.body})
    text = rendered(body.body)
    parent = await _parent(work.session, body)
    digest = digest_of(body.body)
    if digest is not None and await _has_just_said(work, body.discussion_id, author_id, digest):
        raise TEXT_REPEATED()
    html, mentions = await mentioned(work, thread.discussion.community_id, text, group_id=thread.discussion.group_id)
    discussion = thread.discussion
    reply = Reply(
        community_id=discussion.community_id,
        discussion_id=discussion.id,
        parent_reply_id=body.parent_reply_id,
        kind=body.kind,
        author_id=author_id,
        body=body.body,
        body_html=html,
        mentions=mentions,
        digest=digest,
        position=await next_held(work.session, discussion) if verdict.holds else discussion.last_position + 1,
        causes=["hold"] if verdict.holds else [],
        removed_at=work.now if verdict.holds else None,
        created_at=work.now,
    )
    work.session.add(reply)
    await work.session.flush()
    await keep_named(work, naming(reply), body.body)
    found = SeenReply(reply, thread)
    if verdict.holds:
        await hold(work.session, reply.community_id, about(reply), verdict, {"body": body.body}, work.now)
    else:
        await _appear(work, found, parent, text)
    written = ReplyWritten(reply, text.plain)
    await reply_written.happened(work.session, written)
    await reply_posted.happened(work.session, written)
    return found


async def appear(work: Work, found: SeenReply) -> None:
    """Give a reply that waited its place, and tell of it: it can be seen for the first time."""
    # Nobody was told that it went with its discussion, whose return may not have reached it yet.
    found.reply.with_discussion = False
    await _appear(work, found, await parent_of(work.session, found.reply), rendered(found.reply.body))


async def _appear(work: Work, found: SeenReply, parent: Reply | None, text: Rendered) -> None:
    reply, discussion = found.reply, found.thread.discussion
    first = append(discussion, parent, reply, work.now)
    message = posted(reply, discussion, found.thread.standing.community.visibility, text, first_by_other=first)
    await deeds.tell(work.session, "made", [Outgoing(message, reply.bump(), work.now)])


async def next_held(session: AsyncSession, discussion: Discussion) -> int:
    """Where the next reply stands that waits for a moderator; the discussion is locked."""
    last = select(func.max(col(Reply.position))).where(
        col(Reply.discussion_id) == discussion.id, col(Reply.position) >= HELD_FROM
    )
    return int((await session.execute(last)).scalar_one() or HELD_FROM) + 1


async def edit(work: Work, key: UUID, body: ReplyPatch, if_match: int) -> SeenReply:
    """Change the text of what the caller wrote. What a list holds waits; meanwhile others read what was there."""
    found = await seen_reply(work, key, lock=True, of=CONTENT_EDIT)
    reply = found.reply
    require_match(reply.version, if_match)
    found.refuse("update")
    await reply_edited.happened(work.session, ReplyEdited(reply, work.now))
    after = body.body if "body" in body.model_fields_set else reply.waiting or reply.body
    if after == reply.body and reply.waiting is None:
        return found
    verdict = await judged(work.session, reply.community_id, {"body": after})
    text = {"body": after}
    if verdict.holds and not reply.causes:
        await _let_wait(work, reply, after)
        before = {"body": reply.body}
        await hold(work.session, reply.community_id, about(reply), verdict, text, work.now, before=before)
    elif verdict.holds:
        await write(work, reply, after)
        await hold(work.session, reply.community_id, about(reply), verdict, text, work.now)
    elif await mended(work.session, reply.id, text, work.now):
        await write(work, reply, after)
        if "hold" in reply.causes:
            reply.causes = [cause for cause in reply.causes if cause != "hold"]
            if not reply.causes:
                reply.removed_at = None
                await appear(work, found)
                await reply_turned.happened(work.session, ReplyTurned(reply))
    elif reply.causes:
        await write(work, reply, after)
    else:
        await _let_wait(work, reply, after)
    return found


async def _let_wait(work: Work, reply: Reply, after: str) -> None:
    await keep_named(work, naming(reply), reply.body, also=[after], before=[reply.body, reply.waiting])
    reply.waiting = after
    reply.version += 1


async def drop_waiting(work: Work, reply: Reply) -> None:
    """Forget an edit of a locked reply that waits, with what it alone names."""
    if reply.waiting is not None:
        await keep_named(work, naming(reply), reply.body, before=[reply.body, reply.waiting])
        reply.waiting = None


def naming(reply: Reply) -> Named:
    """A reply as what names files."""
    mask = reply.author_id if is_mask(reply.author_id) else None
    return Named("reply", reply.id, reply.community_id, shown=True, mask=mask)


async def write(work: Work, reply: Reply, body: str) -> None:
    """Let a locked reply say this."""
    await keep_named(work, naming(reply), body, before=[reply.body, reply.waiting])
    reply.waiting = None
    reply.version += 1
    if body != reply.body:
        text = rendered(body)
        thread = await work.session.get_one(Discussion, reply.discussion_id)
        html, reply.mentions = await mentioned(work, reply.community_id, text, group_id=thread.group_id)
        reply.body, reply.body_html = body, html
        reply.digest, reply.edited_at = digest_of(body), work.now
        await reply_written.happened(work.session, ReplyWritten(reply, text.plain))


def about(reply: Reply) -> ContentObject:
    """A reply as messages name it."""
    return ContentObject(kind="reply", id=reply.id, root_id=reply.discussion_id, author_ids=(reply.author_id,))


def append(discussion: Discussion, parent: Reply | None, reply: Reply, at: datetime) -> bool:
    """Give a reply its place in its locked discussion, seen from then on; returns whether it is the first by somebody else."""
    discussion.last_position += 1
    reply.position = discussion.last_position
    count_in(discussion, parent, reply)
    reply.seen_since = at if at != reply.created_at else None
    discussion.last_activity_at = max(discussion.last_activity_at, at)
    first = discussion.first_other_at is None and reply.author_id != discussion.author_id
    if first:
        discussion.first_other_at = at
    return first


def count_in(discussion: Discussion, parent: Reply | None, reply: Reply) -> None:
    """Count a reply that is seen; its discussion is locked."""
    discussion.reply_count += 1
    discussion.others += reply.author_id != discussion.author_id
    if discussion.last_reply_at is None or reply.created_at >= discussion.last_reply_at:
        discussion.last_reply_by_id, discussion.last_reply_at = reply.author_id, reply.created_at
    if parent is not None:
        parent.comment_count += 1


def count_out(discussion: Discussion, parent: Reply | None, reply: Reply) -> bool:
    """Count a reply no longer; returns whether it was the last, so that another is to be found."""
    discussion.reply_count -= 1
    discussion.others -= reply.author_id != discussion.author_id
    if parent is not None:
        parent.comment_count -= 1
    return discussion.last_reply_at == reply.created_at


async def parent_of(session: AsyncSession, reply: Reply) -> Reply | None:
    """The answer that a comment is about."""
    return await session.get(Reply, reply.parent_reply_id) if reply.parent_reply_id is not None else None


async def _parent(session: AsyncSession, body: ReplyCreate) -> Reply | None:
    if body.parent_reply_id is None:
        return None
    if body.kind != "comment":
        raise INVALID(errors=[NO_ANSWER_BELOW])
    parent = await session.get(Reply, body.parent_reply_id, with_for_update=True, populate_existing=True)
    if parent is None or parent.discussion_id != body.discussion_id or parent.kind != "answer" or parent.causes:
        raise UNKNOWN_PARENT(errors=[NOT_BELOW_THIS])
    return parent


async def _has_just_said(work: Work, discussion_id: UUID, author_id: UUID, digest: str) -> bool:
    since: datetime = work.now - REPEATED_WITHIN
    same = select(
        exists().where(
            col(Reply.discussion_id) == discussion_id,
            col(Reply.author_id) == author_id,
            col(Reply.digest) == digest,
            col(Reply.created_at) > since,
        )
    )
    return bool((await work.session.execute(same)).scalar_one())


def posted(
    reply: Reply, discussion: Discussion, visibility: str, text: Rendered, *, first_by_other: bool
) -> ReplyPosted:
    """What is told of a reply; `visibility` is its community's."""
    return ReplyPosted(
        community_id=reply.community_id,
        reply_id=reply.id,
        kind=reply.kind,
        parent_id=reply.parent_reply_id,
        discussion_id=discussion.id,
        discussion_kind=discussion.kind,
        discussion_author_id=discussion.author_id,
        author_id=reply.author_id,
        mentions=tuple(map(UUID, reply.mentions)),
        first_by_other=first_by_other,
        characters=text.characters,
        visibility=visibility,
        group_id=discussion.group_id,
    )
