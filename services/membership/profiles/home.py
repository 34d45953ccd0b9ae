"""What a home shows of the person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.people.access import require_active
from services.membership.profiles.schemas import OneselfPublic
from services.membership.profiles.service import shown


async def person(session: AsyncSession, visit: Visit) -> OneselfPublic:
    """The answer of `GET /v1/people/me`, without the memberships."""
    found = await require_active(session, visit.caller)
    return OneselfPublic(**await shown(session, visit.caller, found))
