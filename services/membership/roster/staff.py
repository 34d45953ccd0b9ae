"""Who runs a community, whichever: owners and operators."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.security.caller import STAFF_ROLES
from services.membership.roster.models import Member, RoleGrant
from services.membership.second_factors.occasions import StaffSought


async def runs_communities_since(session: AsyncSession, sought: StaffSought) -> datetime | None:
    """Since when the person has been owner or operator anywhere, by the grants in force; None where they are neither."""
    return (await _SINCE.all(session, person_id=sought.person_id, now=sought.at))[0]


_SINCE = Prepared(
    select(func.min(col(RoleGrant.since)))
    .join(Member, col(Member.id) == col(RoleGrant.member_id))
    .where(
        col(Member.person_id) == bindparam("person_id"),
        col(RoleGrant.role).in_(sorted(STAFF_ROLES)),
        col(RoleGrant.revoked_at).is_(None),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > bindparam("now")),
    )
)
