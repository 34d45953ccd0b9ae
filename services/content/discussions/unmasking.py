"""Who asked an unnamed question, for whom has to know."""

from uuid import UUID

from chassis.audit import audit
from chassis.problems import NOT_FOUND
from chassis.projections.members import embedded
from chassis.web.schemas import MemberEmbed
from chassis.web.work import Work
from services.content.discussions.access import seen
from services.content.permissions import DISCUSSIONS_UNMASK
from services.content.unnamed.masks import behind


async def author_of(work: Work, key: UUID, reason: str) -> MemberEmbed:
    """The member behind the mask; that it was asked, and why, is kept. Raises `NOT_FOUND` for what has a name."""
    discussion = (await seen(work, key, of=DISCUSSIONS_UNMASK)).discussion
    author_id = (await behind(work.session, [discussion.author_id])).get(discussion.author_id)
    if author_id is None:
        raise NOT_FOUND()
    await audit(work.session, work.caller, discussion, "unmask", {"reason": [None, reason]}, work.now)
    return (await embedded(work.session, [author_id]))[author_id]
