"""What was said around interviews goes with the rest of the application; that they took place stays."""

from sqlalchemy import or_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.applications.occasions import ApplicationsForgotten
from services.membership.interviews.models import DeclaredConflict, Interview


async def forget_interviews(session: AsyncSession, forgotten: ApplicationsForgotten) -> None:
    """Where they were, why they were cancelled, and why somebody must not judge."""
    of_these = or_(
        col(Interview.application_id).in_(forgotten.ids), col(Interview.for_application_id).in_(forgotten.ids)
    )
    await session.execute(update(Interview).where(of_these).values(place=None, cancel_reason=None))
    conflicts = update(DeclaredConflict).where(col(DeclaredConflict.application_id).in_(forgotten.ids))
    await session.execute(conflicts.values(reason=None))
