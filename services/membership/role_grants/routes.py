"""HTTP of role grants."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import (
    ALREADY_EXISTS,
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
)
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.schemas import ROLE
from services.membership.permissions import MEMBERS_READ, ROLES_GRANT, ROLES_REVOKE
from services.membership.refusals import LAST_OWNER
from services.membership.role_grants import service
from services.membership.role_grants.schemas import RoleGrantCreate, RoleGrantPublic
from services.membership.roster.rules import Role

router = api_router(tags=["Role grants"])


@router.post("/v1/role-grants", status_code=201)
@operation(
    permission=ROLES_GRANT,
    problems=[ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION],
    step_up=True,
)
async def grant_role(
    body: RoleGrantCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> RoleGrantPublic:
    """Give a member a role.

    Operators may give lecturer, mentor and moderator; owners may give every role; administrators may give owner.
    """
    given = await service.grant(session, caller=caller, body=body, now=now)
    created(response, f"/v1/role-grants/{given.id}")
    return given


@router.get("/v1/role-grants")
@operation(permission=MEMBERS_READ)
async def list_role_grants(
    caller: CallerDep,
    session: Reading,
    now: Now,
    page: PageQuery,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    role: Annotated[Role, ROLE] | None = None,
    ended: Annotated[bool, Query(description="Include roles that have ended.")] = False,
) -> Page[RoleGrantPublic]:
    """List the roles that were given in a community or to one member."""
    listing, standing = await service.listing(
        session, caller=caller, community_id=community_id, member_id=member_id, role=role, ended=ended, now=now
    )
    return await paginate_together(
        session, listing, page=page, to=lambda rows: service.shown(session, caller, standing, rows, now)
    )


@router.get("/v1/role-grants/{grant_id}")
@operation(permission=MEMBERS_READ)
async def read_role_grant(grant_id: UUID, caller: CallerDep, session: Reading, now: Now) -> RoleGrantPublic:
    """Read a role grant."""
    return await service.read_grant(session, caller=caller, grant_id=grant_id, now=now)


@router.post("/v1/role-grants/{grant_id}/revoke")
@operation(permission=ROLES_REVOKE, problems=[ILLEGAL_TRANSITION, LAST_OWNER], step_up=True)
async def revoke_role(grant_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> RoleGrantPublic:
    """Revoke a role. The last owner of a community cannot lose theirs."""
    return await service.revoke(session, caller=caller, grant_id=grant_id, now=now)
