"""Whose log-in is protected."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.security.caller import Caller
from services.membership.credentials.queries import has_password
from services.membership.credentials.rules import imports_may_change_login
from services.membership.platform_roles.problems import ACCOUNT_PROTECTED
from services.membership.platform_roles.queries import platform_roles_of


async def protect_login(session: AsyncSession, caller: Caller, person_id: UUID) -> None:
    """Refuse to let anyone but an administrator touch what an administrator logs in with.

    Service accounts moreover never touch the log-in of who has set a password. Raises `ACCOUNT_PROTECTED`.
    """
    if caller.is_admin or caller.id == person_id:
        return
    roles = await platform_roles_of(session, person_id)
    set_one = caller.kind == "service" and await has_password(session, person_id)
    if not imports_may_change_login(platform_roles=roles, has_password=set_one):
        raise ACCOUNT_PROTECTED()
