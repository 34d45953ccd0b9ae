"""The members who may be meant by a part of a name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import is_postgres, rows_of
from services.content.base import known
from services.content.search.names import Word


async def authors_named(session: AsyncSession, words: Sequence[Word], community_ids: Sequence[UUID]) -> list[UUID]:
    """The members of these communities, also who has left, whose names have all these words."""
    people, members = known.people.c, known.members.c
    postgres = is_postgres(session)

    def written(way: str) -> ColumnElement[bool]:
        return people.display_name.op("~")(way) if postgres else people.display_name.op("GLOB")(f"*{way}*")

    named = and_(*(or_(*map(written, word)) for word in words))
    known_here = (
        select(members.id)
        .join(known.people, people.id == members.person_id)
        .where(among(session, members.community_id, community_ids))
        .where(members.status != "erased", people.status != "erased", named)
    )
    return await rows_of(session, known_here)
