"""Roles on the platform as a whole: who administers, who keeps the people, who reads the audit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.security.caller import Caller
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned, people_locked_out
from services.membership.people.rules import Status
from services.membership.permissions import PLATFORM_ROLES_GRANT
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.platform_roles.models import PlatformRole
from services.membership.platform_roles.problems import LAST_ADMIN


async def grant(session: AsyncSession, caller: Caller, person_id: UUID, role: str, now: datetime) -> PlatformRole:
    """Give an active person a platform role. It is in their tokens from the next log-in or refresh on.

    Raises `ALREADY_EXISTS`, `ILLEGAL_TRANSITION`, and `CONFLICT_OF_INTEREST` about the caller.
    """
    await authorize_platform_now(session, caller, PLATFORM_ROLES_GRANT)
    if caller.id == person_id:
        raise CONFLICT_OF_INTEREST()
    person = await existing(session, Person, person_id, lock=True)
    if person.status != Status.ACTIVE:
        raise ILLEGAL_TRANSITION(state=person.status)
    if await session.get(PlatformRole, (person_id, role)) is not None:
        raise ALREADY_EXISTS()
    granted = PlatformRole(person_id=person_id, role=role, granted_by=caller.actor, granted_at=now)
    session.add(granted)
    await audit(session, caller, person, "platform_role.grant", {"platform_role": [None, role]}, now)
    return granted


async def revoke(session: AsyncSession, caller: Caller, person_id: UUID, role: str, now: datetime) -> None:
    """Take a platform role away and end the sessions whose tokens still carry it.

    Raises `NOT_FOUND`, `LAST_ADMIN` when no active administrator would be left.
    """
    await authorize_platform_now(session, caller, PLATFORM_ROLES_GRANT)
    # Every administrator's row is locked, so that two who revoke one another cannot both succeed.
    await session.exec(select(PlatformRole).where(col(PlatformRole.role) == "admin").with_for_update())
    held = await existing(session, PlatformRole, (person_id, role))
    if role == "admin" and await _other_admins(session, person_id) == 0:
        raise LAST_ADMIN()
    await session.delete(held)
    await session.flush()
    await people_locked_out.happened(session, PeopleConcerned([person_id], now))
    await audit(
        session, caller, AuditObject("person", person_id), "platform_role.revoke", {"platform_role": [role, None]}, now
    )


async def _other_admins(session: AsyncSession, person_id: UUID) -> int:
    admins = await session.exec(
        select(func.count())
        .select_from(PlatformRole)
        .join(Person, col(Person.id) == col(PlatformRole.person_id))
        .where(
            col(PlatformRole.role) == "admin",
            col(PlatformRole.person_id) != person_id,
            col(Person.status) == Status.ACTIVE.value,
        )
    )
    return admins.one()
