"""What people do to their own record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.security.caller import Caller
from chassis.security.permissions import catalogue
from chassis.web.etags import require_match
from services.membership.departments.queries import refs
from services.membership.directory.service import apply_changes
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.people.schemas import PersonPublic
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.privacy.queries import agreed_version


async def change_profile(
    session: AsyncSession, caller: Caller, changes: Mapping[str, Any], *, if_match: int, now: datetime
) -> Person:
    """Apply a merge patch of the caller's own profile."""
    await require_active(session, caller)
    person = await existing(session, Person, caller.id, lock=True)
    require_match(person.version, if_match)
    await apply_changes(session, None, person, changes, now)
    return person


async def shown(session: AsyncSession, person: Person) -> dict[str, Any]:
    """What people read of themselves, without their memberships."""
    roles = await platform_roles_of(session, person.id)
    departments = await refs(session, [person.department_code])
    return PersonPublic.of(person).model_dump() | {
        "department": departments[person.department_code],
        "platform_roles": roles,
        "privacy_notice_version": await agreed_version(session, person.id),
        "permissions": sorted(
            one.name for one in catalogue.values() if one.of_the_platform and one.platform_roles & set(roles)
        ),
    }
