"""How replies become answers, for whoever reads them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.permissions import Permission, Reach
from chassis.web.pages import DEFAULT_LIMIT, PageRequest, first_page_of
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.content.attachments.schemas import AttachmentPublic
from services.content.attachments.showing import of_bodies
from services.content.discussions.access import Seen, is_by, moderates
from services.content.discussions.rules import ASKING
from services.content.discussions.schemas import WrittenMine, hidden_as
from services.content.holding.queries import held_of
from services.content.holding.schemas import HeldPublic
from services.content.mentions import ids_of, shown_today
from services.content.permissions import ANSWERS_ACCEPT, CONTENT_EDIT, CONTENT_REMOVE, CONTENT_RESTORE, REACTIONS_ADD
from services.content.reactions.service import reacted
from services.content.replies.access import SeenReply
from services.content.replies.models import Reply
from services.content.replies.queries import FIRST_COMMENTS, Reader, first_comments
from services.content.replies.schemas import CommentPublic, Comments, ReplyPublic

Members = Mapping[UUID, MemberEmbed]
Given = Mapping[UUID, list[str]]
Told = Mapping[UUID, HeldPublic]
Files = Mapping[UUID, list[AttachmentPublic]]
ACTIONS: dict[str, Permission] = {
    "update": CONTENT_EDIT,
    "react": REACTIONS_ADD,
    "remove": CONTENT_REMOVE,
    "restore": CONTENT_RESTORE,
    "accept": ANSWERS_ACCEPT,
    "unaccept": ANSWERS_ACCEPT,
}
"""What the caller may be able to do, and by which permission."""
OF_OTHERS = {action: one for action, one in ACTIONS.items() if one is not ANSWERS_ACCEPT}
"""The same of what is no answer to who asks."""


def reader_of(thread: Seen) -> Reader:
    """What the caller sees of a thread."""
    return Reader(thread.standing.member_id, moderates(thread.standing))


async def shown(work: Work, thread: Seen, rows: Sequence[Reply]) -> list[ReplyPublic]:
    """Replies with the first comments on each, and their members, read together."""
    comments = await first_comments(work.session, [row.id for row in rows if row.kind == "answer"], reader_of(thread))
    everything = [SeenReply(one, thread) for one in [*rows, *(one for some in comments.values() for one in some)]]
    read = [one.reply for one in everything if one.reads]
    named = ids_of(*(reply.mentions for reply in read))
    members = await embedded(work.session, named | {reply.author_id for reply in read})
    given = await reacted(work.session, thread.standing.member_id, [one.reply.id for one in everything])
    told = await held_of(work.session, [one.reply.id for one in everything if thread.reads_held(one.reply.author_id)])
    files = await of_bodies(work, {reply.id: reply.body for reply in read})
    return [
        _with_comments(work, SeenReply(row, thread), comments.get(row.id, []), members, given, told, files)
        for row in rows
    ]


def list_of(
    work: Work, discussion_id: UUID, *, parent_reply_id: UUID | None = None, limit: int = DEFAULT_LIMIT
) -> PageRequest:
    """The first page of the list of a discussion's replies, or of the comments on one, for an answer that holds it."""
    filters = {"discussion_id": str(discussion_id)}
    if parent_reply_id is not None:
        filters["parent_reply_id"] = str(parent_reply_id)
    return first_page_of(work.session, work.caller, "list_replies", "/v1/replies", filters, limit=limit)


def _with_comments(
    work: Work, found: SeenReply, rows: Sequence[Reply], members: Members, given: Given, told: Told, files: Files
) -> ReplyPublic:
    first, more = rows[:FIRST_COMMENTS], len(rows) > FIRST_COMMENTS
    reply = found.reply
    rest = list_of(work, reply.discussion_id, parent_reply_id=reply.id)
    comments = Comments(
        items=[CommentPublic(**_fields(SeenReply(row, found.thread), members, given, told, files)) for row in first],
        count=reply.comment_count,
        next=rest.encode([first[-1].position]) if more else None,
    )
    return ReplyPublic(**_fields(found, members, given, told, files), comments=comments)


def _fields(found: SeenReply, members: Members, given: Given, told: Told, files: Files) -> dict[str, Any]:
    held = told.get(found.reply.id)
    reply, standing, reads = found.reply, found.thread.standing, found.reads
    mine = WrittenMine(author=is_by(standing, reply.author_id), reacted=given.get(reply.id, []))
    return reply.model_dump() | {
        "status": _status(reply, held),
        "held": held,
        "author": members[reply.author_id] if reads else None,
        "body": reply.body if reads else None,
        "body_html": shown_today(reply.body_html, reply.mentions, members) if reads else None,
        "mentions": [members[UUID(one)] for one in reply.mentions] if reads else [],
        "attachments": files.get(reply.id, []) if reads else [],
        "accepted": found.accepted and reply.removed_at is None,
        "mine": None if standing.member_id is None else mine,
        "viewer": viewer_of(found),
    }


def _status(reply: Reply, held: HeldPublic | None) -> str:
    if held is not None and reply.waiting is not None:
        return "held"
    return hidden_as(reply.causes) or "shown"


def viewer_of(found: SeenReply) -> Viewer:
    """What the caller can do with a reply, by the same rules as the commands.

    Only answers to who asks are accepted. To accept what is accepted changes nothing: nobody is offered it.
    """
    helps = found.reply.kind == "answer" and found.thread.discussion.kind in ASKING
    answers = {action: _answer(found, action, one) for action, one in (ACTIONS if helps else OF_OTHERS).items()}
    if found.accepted and answers.get("accept", "") is None:
        del answers["accept"]
    return Viewer.of(answers)


def _answer(found: SeenReply, action: str, wanted: Permission) -> str | None:
    if not found.reads:
        return "not_found"
    reacts = action == "react" and Reach.OWN in wanted.reach(found.thread.standing.columns)
    if not reacts and not found.may(wanted):
        return "forbidden"
    if found.thread.standing.community.status == "archived":
        return "community_archived"
    if action == "accept" and found.accepted and not found.reply.causes:
        return None
    return found.refusal(action)
