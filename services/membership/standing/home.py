"""What a home shows of the person and of their membership."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.people.access import platform_roles_of, require_active
from services.membership.people.schemas import PersonPublic
from services.membership.standing import service
from services.membership.standing.schemas import Membership


async def person(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    """As `GET /v1/people/me`, without the memberships."""
    found = await require_active(session, visit.caller)
    return PersonPublic.of(found).model_dump() | {"platform_roles": await platform_roles_of(session, found.id)}


async def membership(session: AsyncSession, visit: Visit) -> Membership | None:
    """The caller's membership in this community."""
    found = await service.own_memberships(session, visit.caller, visit.now, community_id=visit.community_id)
    return found[0] if found else None
