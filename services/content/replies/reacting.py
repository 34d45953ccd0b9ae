"""Reactions to replies."""

from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from contracts.fields import ContentObject
from services.content.reactions.models import Kind
from services.content.reactions.schemas import ReactedPublic
from services.content.reactions.service import give, reacted, take_back
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply


async def react(work: Work, key: UUID, kind: Kind, *, given: bool) -> ReactedPublic:
    """Give a reaction or take it back. The discussion is not locked: in a lively one everybody would wait for everybody."""
    thread = (await seen_reply(work, key)).thread
    row = await existing(work.session, Reply, key, lock=True)
    found = SeenReply(row, thread)
    if not found.reads:
        raise NOT_FOUND()
    found.refuse("react")
    by, tags = thread.standing.member_id, thread.discussion.tags
    if by is None:
        raise NOT_FOUND()
    about = ContentObject(kind="reply", id=row.id, root_id=row.discussion_id, author_ids=(row.author_id,))
    if given:
        await give(work, row, about, row.community_id, tags, by, kind)
    else:
        await take_back(work, row, about, tags, by, kind)
    mine = await reacted(work.session, by, [row.id])
    return ReactedPublic(reactions=row.reactions, reacted=mine.get(row.id, []))
