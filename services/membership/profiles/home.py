"""What a home shows of the person."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.people.access import require_active
from services.membership.people.schemas import PersonPublic
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.profiles.schemas import OneselfPublic


async def person(session: AsyncSession, visit: Visit) -> OneselfPublic:
    """The answer of `GET /v1/people/me`, without the memberships."""
    found = await require_active(session, visit.caller)
    roles = await platform_roles_of(session, found.id)
    return OneselfPublic(**PersonPublic.of(found).model_dump(), platform_roles=roles)
