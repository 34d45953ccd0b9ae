"""What a home shows of the person."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.people.access import require_active
from services.membership.people.schemas import PersonPublic
from services.membership.platform_roles.queries import platform_roles_of


async def person(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    """The answer of `GET /v1/people/me`, without the memberships."""
    found = await require_active(session, visit.caller)
    return PersonPublic.of(found).model_dump() | {"platform_roles": await platform_roles_of(session, found.id)}
