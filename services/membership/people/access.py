"""Whether the caller is somebody still."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import FORBIDDEN, SESSION_REVOKED
from chassis.security.caller import Caller
from services.membership.people.models import Person
from services.membership.people.rules import Status


async def require_active(session: AsyncSession, caller: Caller) -> Person:
    """The caller as a person. Raises `SESSION_REVOKED` if they are suspended or gone, `FORBIDDEN` for service accounts."""
    if caller.kind != "person":
        raise FORBIDDEN()
    person = await session.get(Person, caller.id)
    if person is None or person.status != Status.ACTIVE:
        raise SESSION_REVOKED()
    return person
