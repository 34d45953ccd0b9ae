"""Whose learning records somebody reads: their own, a manager those of who works for them, HR everybody's, who runs a community its members'."""

from typing import Final
from uuid import UUID

from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, SESSION_REVOKED, FieldError
from chassis.security.authority import Standing, authorize
from chassis.security.caller import PLATFORM_SCOPE, Caller
from chassis.web.spans import Span, bounds_in
from chassis.web.work import Work
from services.analytics.learning.queries import Wanted, person
from services.analytics.learning.store import managers_above
from services.analytics.permissions import LEARNING_RECORDS_READ

HR: Final = PLATFORM_SCOPE + "hr"

TOO_MANY = FieldError(
    "#/query/department", "one_of_two", "Ask for a person or for a department.", "只能按人员或按部门查询。"
)


async def wanted(
    work: Work, caller: Caller, *, person_id: UUID | None, department: str | None, community_id: UUID | None, span: Span
) -> Wanted:
    """The records that a caller asks for, if they may read them.

    Raises `INVALID` for a person and a department, `NOT_FOUND` for a person whom they do not manage, `FORBIDDEN` for a department that they do
    not manage, and what `authorize` raises.
    """
    if person_id is not None and department is not None:
        raise INVALID(errors=[TOO_MANY])
    if caller.kind == "person":
        await _require_standing(work, caller)
    standing, whose = None, person_id
    if community_id is not None:
        standing, sees_all = await _in_community(work, caller, community_id)
        if not sees_all and not await _may(work, caller, person_id, department):
            whose = caller.id
    elif not await _may(work, caller, person_id, department):
        whose = caller.id
    if whose != person_id and (person_id is not None or department is not None):
        raise NOT_FOUND() if person_id is not None else FORBIDDEN()
    return Wanted(bounds_in(standing, span), whose, community_id, department)


async def _require_standing(work: Work, caller: Caller) -> None:
    found = await person(work.session, caller.id)
    if found is not None and found.status != "active":
        raise SESSION_REVOKED()


async def _in_community(work: Work, caller: Caller, community_id: UUID) -> tuple[Standing | None, bool]:
    """What the caller is there, and whether they read everybody's. Raises `NOT_FOUND` for who may not know of the community."""
    standing = await authorize(work.session, caller, LEARNING_RECORDS_READ, community_id, own=True, now=work.now)
    if standing.member is None and not standing.visible and HR not in caller.scopes:
        raise NOT_FOUND()
    return standing, standing.sees_all


async def _may(work: Work, caller: Caller, person_id: UUID | None, department: str | None) -> bool:
    """Whether the caller reads the records of this person, this department, or of everybody, wherever they learned."""
    if caller.kind != "person":
        raise FORBIDDEN()
    if HR in caller.scopes:
        return True
    if person_id == caller.id:
        return True
    if person_id is not None:
        found = await person(work.session, person_id)
        department = found.department_code if found is not None else None
    return department is not None and caller.id in await managers_above(work.session, department)
