"""Reactions to discussions."""

from uuid import UUID

from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from contracts.fields import ContentObject
from services.content.discussions.access import Seen, seen
from services.content.discussions.service import refuse
from services.content.reactions.models import Kind
from services.content.reactions.schemas import ReactedPublic
from services.content.reactions.service import give, reacted, take_back


async def react(work: Work, key: UUID, kind: Kind, *, given: bool) -> ReactedPublic:
    """Give a reaction or take it back."""
    found = await seen(work, key, lock=True)
    refuse(found, "react")
    row, about, by = found.discussion, _about(found), found.standing.member_id
    if by is None:
        raise NOT_FOUND()
    if given:
        await give(work, row, about, row.community_id, row.tags, by, kind)
    else:
        await take_back(work, row, about, row.tags, by, kind)
    mine = await reacted(work.session, by, [row.id])
    return ReactedPublic(reactions=row.reactions, reacted=mine.get(row.id, []))


def _about(found: Seen) -> ContentObject:
    row = found.discussion
    return ContentObject(kind="discussion", id=row.id, root_id=row.id, author_ids=(row.author_id,))
