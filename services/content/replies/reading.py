"""Where the list of a thread begins, and which reply comes first."""

from dataclasses import replace
from uuid import UUID

from chassis.problems import NOT_FOUND
from chassis.web.pages import Page, PageRequest, paginate_together
from chassis.web.work import Work
from services.content.discussions.access import Seen
from services.content.replies.access import SeenReply
from services.content.replies.models import Reply
from services.content.replies.queries import beginning_before, thread
from services.content.replies.schemas import ReplyPublic
from services.content.replies.views import reader_of, shown


async def begins(work: Work, found: Seen, parent_reply_id: UUID | None, around: UUID | None, after: int) -> int:
    """After which position the list begins. Raises `NOT_FOUND` for a reply that is not of this thread, or not seen."""
    if around is None:
        return after
    reply = await _of(work, found, around)
    if reply.parent_reply_id != parent_reply_id and reply.parent_reply_id is not None:
        reply = await _of(work, found, reply.parent_reply_id)
    return max(after, await beginning_before(work.session, reply, reader_of(found)))


async def page_of(
    work: Work,
    found: Seen,
    page: PageRequest,
    *,
    parent_reply_id: UUID | None = None,
    around: UUID | None = None,
    after: int = 0,
) -> Page[ReplyPublic]:
    """Replies in their order, the accepted one first; with `around`, `after` or below an answer none is taken out of its place."""
    begin = await begins(work, found, parent_reply_id, around, after)
    in_place = around is not None or parent_reply_id is not None or after > 0
    helped = None if in_place else await accepted(work, found)
    # On pages of one it keeps its place, or the list would end with it.
    but = helped.id if helped is not None and page.limit > 1 else None
    first = [helped] if helped is not None and but is not None and page.cursor is None else []
    rest = await paginate_together(
        work.session,
        thread(found.discussion.id, parent_reply_id, reader_of(found), after=begin, but=but),
        page=replace(page, limit=page.limit - len(first)),
        to=lambda rows: shown(work, found, [*first, *rows]),
    )
    if rest.total is not None:
        rest.total.value += but is not None
    return rest


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
