"""Reactions to discussions."""

from uuid import UUID

from chassis.web.work import Work
from services.content.discussions.access import seen
from services.content.discussions.service import refuse
from services.content.discussions.texts import about
from services.content.reactions import service
from services.content.reactions.models import Kind
from services.content.reactions.schemas import ReactedPublic


async def react(work: Work, key: UUID, kind: Kind, *, given: bool) -> ReactedPublic:
    """Give a reaction or take it back."""
    found = await seen(work, key, lock=True)
    refuse(found, "react")
    row = found.discussion
    return await service.react(work, row, about(row), found.standing.member_id, kind, given=given, tags=row.tags)
