"""Where the list of a thread begins, and which reply comes first."""

from uuid import UUID

from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from services.content.discussions.access import Seen
from services.content.replies.access import SeenReply
from services.content.replies.models import Reply
from services.content.replies.queries import beginning_before
from services.content.replies.views import reader_of


async def begins(work: Work, found: Seen, parent_reply_id: UUID | None, around: UUID | None, after: int) -> int:
    """After which position the list begins. Raises `NOT_FOUND` for a reply that is not of this thread, or not seen."""
    if around is None:
        return after
    reply = await _of(work, found, around)
    if reply.parent_reply_id != parent_reply_id and reply.parent_reply_id is not None:
        reply = await _of(work, found, reply.parent_reply_id)
    return max(after, await beginning_before(work.session, reply, reader_of(found)))


async def accepted(work: Work, found: Seen) -> Reply | None:
    """The answer that helped, if the caller sees it."""
    key = found.discussion.accepted_reply_id
    reply = await work.session.get(Reply, key) if key is not None else None
    return reply if reply is not None and SeenReply(reply, found).reads else None


async def _of(work: Work, found: Seen, key: UUID) -> Reply:
    reply = await work.session.get(Reply, key)
    if reply is None or reply.discussion_id != found.discussion.id:
        raise NOT_FOUND()
    if not SeenReply(reply, found).reads and not reply.comment_count:
        raise NOT_FOUND()
    return reply
