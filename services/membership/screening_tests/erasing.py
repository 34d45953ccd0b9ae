"""Answers and attempts go with what else was said in an application, and with their person; that there were any, and what they came to, stays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.applications.models import Application
from services.membership.applications.occasions import ApplicationsForgotten
from services.membership.screening_tests.models import Attempt, GivenAnswer, TestRegradeLine


async def forget_attempts(session: AsyncSession, forgotten: ApplicationsForgotten) -> None:
    """Of an application that is over for long nobody needs to know what was answered."""
    theirs = update(Application).where(col(Application.id).in_(forgotten.ids))
    await session.execute(theirs.values(test_attempt_id=None))
    lines = delete(TestRegradeLine).where(col(TestRegradeLine.application_id).in_(forgotten.ids))
    await session.execute(lines)
    await _delete(session, col(Attempt.application_id).in_(forgotten.ids))


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What somebody answered goes with them. First their applications, as whoever grades takes them before the attempts."""
    theirs = update(Application).where(col(Application.person_id) == person_id)
    await session.execute(theirs.values(test_attempt_id=None))
    of_theirs = select(col(Application.id)).where(col(Application.person_id) == person_id)
    await session.execute(delete(TestRegradeLine).where(col(TestRegradeLine.application_id).in_(of_theirs)))
    await _delete(session, col(Attempt.person_id) == person_id)


async def _delete(session: AsyncSession, which: Any) -> None:
    gone = select(col(Attempt.id)).where(which)
    await session.execute(delete(GivenAnswer).where(col(GivenAnswer.attempt_id).in_(gone)))
    await session.execute(delete(Attempt).where(which))
