"""Reactions to articles."""

from uuid import UUID

from chassis.web.work import Work
from services.content.articles.access import seen_article
from services.content.articles.held import about
from services.content.articles.service import refuse
from services.content.reactions import service
from services.content.reactions.models import Kind
from services.content.reactions.schemas import ReactedPublic


async def react(work: Work, key: UUID, kind: Kind, *, given: bool) -> ReactedPublic:
    """Give a reaction or take it back."""
    found = await seen_article(work, key, lock=True)
    refuse(found, "react")
    row = found.article
    return await service.react(work, row, about(row), found.standing.member_id, kind, given=given, tags=row.tags)
