"""Communities as answers name them, from the projection of the service that the session belongs to."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.projections.tables import KnownTables, known_to
from chassis.security.authority import CommunityFacts
from chassis.web.schemas import CommunityEmbed


@lru_cache(maxsize=64)
def _named(known: KnownTables) -> Prepared[Any]:
    table = known.communities.c
    return Prepared(lambda on: select(table.id, table.slug, table.name).where(on.among(table.id, "ids")))


@lru_cache(maxsize=64)
def _whole(known: KnownTables) -> Prepared[Any]:
    return Prepared(lambda on: select(known.communities).where(on.among(known.communities.c.id, "ids")))


async def communities_embedded(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, CommunityEmbed | None]:
    """These communities as embedded in answers; None for one of which no message has arrived."""
    wanted = set(ids)
    found: dict[UUID, CommunityEmbed | None] = dict.fromkeys(wanted)
    if wanted:
        rows = await _named(known_to(session)).all(session, ids=list(wanted))
        found |= {row.id: CommunityEmbed(id=row.id, slug=row.slug, name=row.name) for row in rows}
    return found


async def known_community(session: AsyncSession, community_id: UUID) -> CommunityFacts | None:
    """A community as the projection knows it; None where no message about it has arrived."""
    return (await known_communities(session, [community_id])).get(community_id)


async def known_communities(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, CommunityFacts]:
    """Those of these communities of which a message has arrived, as the projection knows them."""
    wanted = set(ids)
    rows = await _whole(known_to(session)).all(session, ids=sorted(wanted)) if wanted else ()
    return {row.id: _facts(row) for row in rows}


def _facts(row: Any) -> CommunityFacts:
    return CommunityFacts(
        id=row.id,
        name=row.name,
        status=row.status,
        visibility=row.visibility,
        time_zone=row.time_zone,
        day_starts_at=row.day_starts_at,
        streak_days=row.streak_days,
    )
