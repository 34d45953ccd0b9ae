"""Use cases of words that mean the same: saying which, and looking for the others."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.database.statements import Prepared
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.content.search.cutting import Query
from services.content.search.lexicon import MOST_ALIKE, Alike, lexicon
from services.content.search.models import SearchCommunity

_COMMUNITIES: Table = SearchCommunity.__table__  # type: ignore[attr-defined]
_KNOWN: Prepared[Any] = Prepared(
    lambda on: (
        select(_COMMUNITIES.c.community_id, _COMMUNITIES.c.synonyms, _COMMUNITIES.c.version)
        .where(on.among(_COMMUNITIES.c.community_id, "ids"))
        .order_by(_COMMUNITIES.c.community_id)
    )
)


async def read(work: Work, community_id: UUID) -> tuple[list[list[str]], int]:
    """The groups of a community, and their version."""
    await work.permit(community_id)
    row = await _KNOWN.first(work.session, ids=[community_id])
    return (row.synonyms, row.version) if row is not None else ([], 1)


async def put(work: Work, community_id: UUID, groups: list[list[str]], if_match: int) -> int:
    """Have these groups from now on. Their version."""
    await work.permit(community_id)
    row = await locked_community(work.session, community_id)
    require_match(row.version, if_match)
    before = row.synonyms
    if before != groups:
        row.synonyms = groups
        row.version += 1
        changes = {
            "added": [None, [group for group in groups if group not in before]],
            "removed": [[group for group in before if group not in groups], None],
        }
        about = AuditObject("search_synonyms", community_id, community_id)
        await audit(work.session, work.caller, about, "search_synonyms.update", changes, work.now)
    return row.version


async def alike_in(
    session: AsyncSession, query: Query, community_ids: Sequence[UUID]
) -> Mapping[UUID, tuple[Alike, ...]]:
    """What means the same as words of a query, in each community where something does, as far as one search looks for it."""
    if not query.loose or not community_ids:
        return {}
    found: dict[UUID, tuple[Alike, ...]] = {}
    every: set[Alike] = set()
    for row in await _KNOWN.all(session, ids=list(community_ids)):
        if row.synonyms:
            every.update(alike := lexicon(tuple(map(tuple, row.synonyms))).alike(query))
            if alike and len(every) <= 2 * MOST_ALIKE:
                found[row.community_id] = alike
    return found


async def locked_community(session: AsyncSession, community_id: UUID) -> SearchCommunity:
    """What searches in a community know, locked; there from the first time on that somebody asks."""
    new = {"community_id": community_id, "synonyms": [], "version": 1, "messages_published": 0}
    await insert_new(session, _COMMUNITIES, [new], key=["community_id"])
    return await existing(session, SearchCommunity, community_id, lock=True)
