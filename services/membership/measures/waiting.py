"""What measures let wait for those who run a community."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from services.membership.communities.models import Community
from services.membership.measures import queries
from services.membership.measures.rules import window_of
from services.membership.measures.service import place_of


async def short_of_measure(
    session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None
) -> Waiting:
    """How many were short in the last window of a measure, whoever was short of two counted twice, and when the oldest such window ended."""
    measures = await queries.measures_in_force(session, community_id)
    if not measures:
        return Waiting(count=0, href=f"/v1/rule-sets?community_id={community_id}")
    place = place_of(await session.get_one(Community, community_id))
    today = place.day_of(now)
    short = await queries.how_many_short(session, measures, today, place)
    ended = [window_of(one.window, today).before().span(place)[1] for one in measures if short[one.id]]
    return Waiting(
        count=sum(short.values()),
        oldest_at=min(ended, default=None),
        href=f"/v1/rule-sets/{measures[0].rule_set_id}/measures",
    )
