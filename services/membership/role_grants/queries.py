"""Reading role grants."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from chassis.database.listing import Listing
from services.membership.departments.models import Department
from services.membership.people.models import Person
from services.membership.roster.models import Member, RoleGrant


def role_grants(*, community_id: UUID, member_id: UUID | None, role: str | None, ended: bool, now: datetime) -> Listing:
    """A community's grants with member, person and the name of their department, the newest first.

    `ended` adds those that have ended.
    """
    statement = (
        select(RoleGrant, Member, Person, col(Department.name))
        .join(Member, col(Member.id) == col(RoleGrant.member_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .outerjoin(Department, col(Department.code) == col(Person.department_code))
        .where(col(RoleGrant.community_id) == community_id)
    )
    if member_id is not None:
        statement = statement.where(col(RoleGrant.member_id) == member_id)
    if role is not None:
        statement = statement.where(col(RoleGrant.role) == role)
    if not ended:
        lasting = or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now)
        statement = statement.where(col(RoleGrant.revoked_at).is_(None), lasting)
    return Listing(statement, [col(RoleGrant.since).desc(), col(RoleGrant.id).desc()])
