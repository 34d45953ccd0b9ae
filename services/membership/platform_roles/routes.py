"""Platform roles over HTTP."""

from typing import Annotated
from uuid import UUID

from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import CallerDep, Now, Transaction
from chassis.web.operations import api_router, operation
from services.membership.permissions import PLATFORM_ROLES_GRANT
from services.membership.platform_roles import service
from services.membership.platform_roles.problems import LAST_ADMIN
from services.membership.platform_roles.schemas import (
    PLATFORM_ROLE,
    PlatformRole,
    PlatformRoleGrant,
    PlatformRolePublic,
)

router = api_router(tags=["People"])


@router.post("/v1/people/{person_id}/platform-roles", status_code=201)
@operation(
    permission=PLATFORM_ROLES_GRANT,
    problems=[ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION],
    located=False,
    step_up=True,
)
async def grant_platform_role(
    person_id: UUID, body: PlatformRoleGrant, caller: CallerDep, session: Transaction, now: Now
) -> PlatformRolePublic:
    """Grant a platform role: admin, hr (people, departments, learning records) or auditor (the audit)."""
    return PlatformRolePublic.model_validate(await service.grant(session, caller, person_id, body.role, now))


@router.delete("/v1/people/{person_id}/platform-roles/{role}", status_code=204)
@operation(permission=PLATFORM_ROLES_GRANT, problems=[LAST_ADMIN], step_up=True)
async def revoke_platform_role(
    person_id: UUID, role: Annotated[PlatformRole, PLATFORM_ROLE], caller: CallerDep, session: Transaction, now: Now
) -> None:
    """Revoke a platform role. The person's sessions end, because their tokens name the role."""
    await service.revoke(session, caller, person_id, role, now)
