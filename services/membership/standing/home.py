"""What a home shows of the caller's membership."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.roster.rules import ENDED
from services.membership.standing import service
from services.membership.standing.schemas import Membership


async def membership(session: AsyncSession, visit: Visit) -> Membership | None:
    """The caller's membership in this community."""
    found = await service.own_memberships(session, visit.caller, visit.now, community_id=visit.community_id)
    return found[0] if found and found[0].status not in ENDED else None
