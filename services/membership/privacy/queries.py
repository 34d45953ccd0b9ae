"""Reading the privacy notice."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.privacy.models import PrivacyAgreement, PrivacyNotice


async def current_notice(session: AsyncSession) -> PrivacyNotice | None:
    """The newest version; None before there is any."""
    newest = select(PrivacyNotice).order_by(col(PrivacyNotice.version).desc()).limit(1)
    found: PrivacyNotice | None = (await session.execute(newest)).scalar_one_or_none()
    return found


async def agreed_version(session: AsyncSession, person_id: UUID) -> int | None:
    """The newest version that somebody agreed to."""
    agreed = select(func.max(col(PrivacyAgreement.version))).where(col(PrivacyAgreement.person_id) == person_id)
    found: int | None = (await session.execute(agreed)).scalar_one()
    return found
