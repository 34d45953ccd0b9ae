"""Reading the privacy notice."""

from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.privacy.models import PrivacyAgreement, PrivacyNotice

_NEWEST = Prepared(select(PrivacyNotice).order_by(col(PrivacyNotice.version).desc()).limit(1))


async def current_notice(session: AsyncSession) -> PrivacyNotice | None:
    """The newest version; None before there is any."""
    return await _NEWEST.first(session)


def agreed_version(person_id: Any) -> ScalarSelect[Any]:
    """The newest version that somebody agreed to, as part of a statement."""
    newest = select(func.max(col(PrivacyAgreement.version))).where(col(PrivacyAgreement.person_id) == person_id)
    return newest.scalar_subquery()
