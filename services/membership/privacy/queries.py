"""Reading the privacy notice."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.membership.privacy.models import PrivacyAgreement, PrivacyNotice

_NEWEST = Prepared(select(PrivacyNotice).order_by(col(PrivacyNotice.version).desc()).limit(1))


async def current_notice(session: AsyncSession) -> PrivacyNotice | None:
    """The newest version; None before there is any."""
    return await _NEWEST.first(session)


async def agreed_version(session: AsyncSession, person_id: UUID) -> int | None:
    """The newest version that somebody agreed to."""
    return await _AGREED.one(session, person_id=person_id)


_AGREED: Prepared[int | None] = Prepared(
    select(func.max(col(PrivacyAgreement.version))).where(col(PrivacyAgreement.person_id) == bindparam("person_id"))
)
