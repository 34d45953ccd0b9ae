"""Who may act on the platform: the token's platform roles, checked against what stands in the database now."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import FORBIDDEN
from chassis.security.authority import allow, authorize_platform
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from services.membership.people.access import require_active
from services.membership.platform_roles.problems import ACCOUNT_PROTECTED
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.platform_roles.rules import imports_may_change_status


async def authorize_platform_now(session: AsyncSession, caller: Caller, wanted: Permission) -> None:
    """Refuse unless a platform role, still held by an active person, or a service account's scope gives the permission.

    A token says what was true up to 15 minutes ago; here, at the source, that is not good enough. Raises `FORBIDDEN`,
    `SESSION_REVOKED`; replays a repeated request's answer.
    """
    if caller.kind == "person":
        await require_active(session, caller)
    authorize_platform(None, caller, wanted)
    if caller.kind == "person" and not wanted.platform_roles & set(await platform_roles_of(session, caller.id)):
        raise FORBIDDEN()
    allow(session)


async def protect_status(session: AsyncSession, caller: Caller, person_id: UUID) -> None:
    """Refuse to let anyone but an administrator suspend or remove people with a platform role. Raises `ACCOUNT_PROTECTED`."""
    if not caller.is_admin and not imports_may_change_status(
        platform_roles=await platform_roles_of(session, person_id)
    ):
        raise ACCOUNT_PROTECTED()
