"""By when staff must have a second factor: what they may do as staff sleeps then."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared
from services.membership.platform_roles.queries import platform_role_since
from services.membership.second_factors import rules
from services.membership.second_factors.models import SecondFactorTerm
from services.membership.second_factors.occasions import StaffSought, staff_sought


async def due_at(session: AsyncSession, person_id: UUID, now: datetime) -> datetime | None:
    """By when the person, who has none, must have a second factor; None for who is not staff, and where it is optional."""
    if context_of(session).runtime.settings.second_factor == "optional":
        return None
    terms = await _TERM.all(session)
    if not terms:
        return None
    platform = await platform_role_since(session, person_id)
    answers = [platform, *await staff_sought.happened(session, StaffSought(person_id, now))]
    since = min((one for one in answers if one is not None), default=None)
    return None if since is None else rules.due_at(staff_since=since, required_since=terms[0])


async def set_term(session: AsyncSession, now: datetime) -> None:
    """Note since when a second factor is required: from the first migration step of a release, or a setting, that does."""
    if context_of(session).runtime.settings.second_factor == "optional":
        await session.execute(delete(SecondFactorTerm))
    elif not await _TERM.all(session):
        session.add(SecondFactorTerm(required_since=now))


_TERM = Prepared(select(SecondFactorTerm.required_since))
