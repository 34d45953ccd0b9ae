"""Reactions to replies."""

from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from services.content.reactions import service
from services.content.reactions.models import Kind
from services.content.reactions.schemas import ReactedPublic
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply
from services.content.replies.service import about


async def react(work: Work, key: UUID, kind: Kind, *, given: bool) -> ReactedPublic:
    """Give a reaction or take it back. The discussion is not locked: in a lively one everybody would wait for everybody."""
    thread = (await seen_reply(work, key)).thread
    row = await existing(work.session, Reply, key, lock=True)
    found = SeenReply(row, thread)
    if not found.reads:
        raise NOT_FOUND()
    found.refuse("react")
    by, tags = thread.standing.member_id, thread.discussion.tags
    return await service.react(work, row, about(row), by, kind, given=given, tags=tags)
