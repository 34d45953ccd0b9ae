"""Which ideas show their files to whom."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.content.attachments.occasions import Asked, Named
from services.content.discussions.files import shows, standings_of
from services.content.ideas.models import Idea
from services.content.permissions import IDEAS_READ

_IDEAS: Prepared[Idea] = Prepared(lambda on: select(Idea).where(on.among(col(Idea.id), "ids")))


async def idea_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those that the caller sees; what only waits there, their authors and moderators alone."""
    named = [one for one in asked.named if one.kind == "idea"]
    if not named:
        return []
    standings = await standings_of(session, asked, named, IDEAS_READ)
    found = {row.id: row for row in await _IDEAS.all(session, ids=[one.object_id for one in named])}
    return [one for one in named if shows(found.get(one.object_id), standings.get(one.community_id), one)]
