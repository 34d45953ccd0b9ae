"""Use cases of replies: posting and changing them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID, NOT_FOUND
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.content import ReplyPosted
from services.content.deeds.service import tell_deeds
from services.content.discussions.access import Seen, seen
from services.content.discussions.models import Discussion
from services.content.discussions.service import refuse
from services.content.markdown import Rendered, rendered
from services.content.permissions import CONTENT_EDIT
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply
from services.content.replies.occasions import ReplyWritten, reply_written
from services.content.replies.problems import NO_ANSWER_BELOW, NOT_BELOW_THIS, TEXT_REPEATED, UNKNOWN_PARENT
from services.content.replies.rules import REPEATED_WITHIN, digest_of
from services.content.replies.schemas import ReplyCreate, ReplyPatch


async def post(work: Work, body: ReplyCreate) -> SeenReply:
    """Answer or comment. Raises `THREAD_CLOSED`, `UNKNOWN_PARENT`, `TEXT_REPEATED`."""
    thread = await seen(work, body.discussion_id, lock=True)
    author_id = thread.standing.member_id
    if author_id is None:
        raise NOT_FOUND()
    refuse(thread, "reply")
    text = rendered(body.body)
    parent = await _parent(work.session, body)
    digest = digest_of(body.body)
    if digest is not None and await _has_just_said(work, body.discussion_id, author_id, digest):
        raise TEXT_REPEATED()
    discussion = thread.discussion
    discussion.last_position += 1
    reply = Reply(
        community_id=discussion.community_id,
        discussion_id=discussion.id,
        parent_reply_id=body.parent_reply_id,
        kind=body.kind,
        author_id=author_id,
        body=body.body,
        body_html=text.html,
        digest=digest,
        position=discussion.last_position,
        created_at=work.now,
    )
    work.session.add(reply)
    await work.session.flush()
    first = discussion.first_other_at is None and author_id != discussion.author_id
    count_in(discussion, parent, reply)
    discussion.last_activity_at = work.now
    if first:
        discussion.first_other_at = work.now
    message = _posted(reply, thread, text, first_by_other=first)
    await tell_deeds(work.session, "made", [Outgoing(message, reply.bump(), work.now)])
    await reply_written.happened(work.session, ReplyWritten(reply, text.plain))
    return SeenReply(reply, thread)


async def edit(work: Work, key: UUID, body: ReplyPatch, if_match: int) -> SeenReply:
    """Change the text of what the caller wrote."""
    found = await seen_reply(work, key, lock=True, of=CONTENT_EDIT)
    reply = found.reply
    require_match(reply.version, if_match)
    found.refuse("update")
    if "body" in body.model_fields_set and body.body != reply.body:
        text = rendered(body.body)
        reply.body, reply.body_html = body.body, text.html
        reply.digest, reply.edited_at = digest_of(body.body), work.now
        reply.version += 1
        await reply_written.happened(work.session, ReplyWritten(reply, text.plain))
    return found


def count_in(discussion: Discussion, parent: Reply | None, reply: Reply) -> None:
    """Count a reply that is seen; its discussion is locked."""
    discussion.reply_count += 1
    discussion.others += reply.author_id != discussion.author_id
    if discussion.last_reply_at is None or reply.created_at >= discussion.last_reply_at:
        discussion.last_reply_by_id, discussion.last_reply_at = reply.author_id, reply.created_at
    if parent is not None:
        parent.comment_count += 1


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


def _posted(reply: Reply, thread: Seen, text: Rendered, *, first_by_other: bool) -> ReplyPosted:
    discussion = thread.discussion
    return ReplyPosted(
        community_id=reply.community_id,
        reply_id=reply.id,
        kind=reply.kind,
        parent_id=reply.parent_reply_id,
        discussion_id=discussion.id,
        discussion_kind=discussion.kind,
        discussion_author_id=discussion.author_id,
        author_id=reply.author_id,
        first_by_other=first_by_other,
        characters=text.characters,
        visibility=thread.standing.community.visibility,
    )
