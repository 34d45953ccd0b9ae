"""Who is assigned to a community: the rule as its owners and operators write it. Who matches is found in `enrolment`."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import INVALID, FieldError
from chassis.web.patches import merged, whole
from services.membership.cohorts.service import cohort_of
from services.membership.communities.models import Community
from services.membership.communities.schemas import Assigned
from services.membership.departments.queries import known_departments


async def checked(
    session: AsyncSession, community: Community, patch: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What a merge patch makes of the rule. Raises `INVALID` where it asks for nothing or names departments that are none, `UNKNOWN_COHORT`."""
    if patch is None:
        return None
    rule = whole(Assigned, merged(community.assigned or {}, patch))
    known = await known_departments(session, rule.departments)
    errors = [
        FieldError(
            f"/assigned/departments/{place}", "unknown_department", f"No department: {code}", f"没有这个部门：{code}。"
        )
        for place, code in enumerate(rule.departments)
        if code not in known
    ]
    if errors:
        raise INVALID(errors=errors)
    await cohort_of(session, community_id=community.id, cohort_id=rule.cohort_id, pointer="/assigned/cohort_id")
    return rule.model_dump(mode="json", exclude_none=True)
