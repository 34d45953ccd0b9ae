"""What was asked already: found before somebody asks it again."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.database.bulk import among
from chassis.database.statements import rows_of
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.content.discussions.models import Discussion
from services.content.discussions.schemas import DiscussionListed
from services.content.discussions.views import listed
from services.content.groups import reader_of
from services.content.permissions import SEARCH_READ
from services.content.search.asking import Within
from services.content.search.cutting import as_written
from services.content.search.finding import candidates
from services.content.search.service import in_order
from services.content.search.synonyms import alike_in

MOST_SIMILAR = 5


async def similar(work: Work, community_id: UUID, title: str) -> list[DiscussionListed]:
    """The discussions that a search for the title finds first. A title without a word is like nothing."""
    standing = await authorize(work.session, work.caller, SEARCH_READ, community_id, now=work.now)
    query = as_written(title)
    if not query.looks_for_something:
        return []
    within = Within(community_ids=[community_id], kind="discussion", groups=reader_of(standing))
    alike = await alike_in(work.session, query, within.community_ids)
    found = await in_order(query, await candidates(work.session, query, within, alike), alike)
    ids = [row.thing_id for row in found[:MOST_SIMILAR]]
    if not ids:
        return []
    rows = select(Discussion).where(among(work.session, col(Discussion.id), ids), col(Discussion.removed_at).is_(None))
    by_id = {row.id: row for row in await rows_of(work.session, rows)}
    return await listed(work, [by_id[one] for one in ids if one in by_id], standing)
