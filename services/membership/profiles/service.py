"""What people do to their own record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.avatars import avatars_in
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.security.caller import Caller
from chassis.security.permissions import names_of_the_platform
from chassis.web.etags import require_match
from services.membership.deliveries.views import mail_refused
from services.membership.departments.queries import refs
from services.membership.directory.service import apply_changes
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.people.schemas import PersonPublic
from services.membership.platform_roles.models import PlatformRole
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


async def shown(session: AsyncSession, caller: Caller, person: Person) -> dict[str, Any]:
    """What people read of themselves, without their memberships."""
    found = await _ROLES.all(session, person_id=person.id)
    roles = [row.role for row in found if row.role is not None]
    departments = await refs(session, [person.department_code])
    return PersonPublic.of(person, avatars_in(session)).model_dump() | {
        "department": departments[person.department_code],
        "platform_roles": roles,
        "privacy_notice_version": found[0].privacy_notice_version,
        "permissions": [] if caller.asleep else list(names_of_the_platform(roles)),
        "mail_refused": await mail_refused(session, person),
    }


_ROLES: Prepared[Any] = Prepared(
    select(col(PlatformRole.role), agreed_version(col(Person.id)).label("privacy_notice_version"))
    .select_from(Person)
    .outerjoin(PlatformRole, col(PlatformRole.person_id) == col(Person.id))
    .where(col(Person.id) == bindparam("person_id"))
    .order_by(col(PlatformRole.role))
)
"""A row for each platform role, or one without, each with the version of the privacy notice that the person agreed to."""
