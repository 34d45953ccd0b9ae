"""HTTP for the other services, and for the person."""

from starlette.responses import Response

from chassis.web.dependencies import CallerDep, Now, Reading
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from services.membership.people.access import platform_roles_of, require_active
from services.membership.people.schemas import PersonPublic
from services.membership.permissions import PEOPLE_SELF
from services.membership.standing import service
from services.membership.standing.schemas import MePublic, ResolveAnswer, ResolveRequest

internal_router = api_router(tags=["Internal"])
router = api_router(tags=["People"])


@internal_router.post("/internal/members/resolve")
@operation(internal=True, idempotent=False)
async def resolve_members(body: ResolveRequest, session: Reading, now: Now) -> ResolveAnswer:
    """Say what people are in communities, for services whose projection does not know."""
    return await service.resolve(session, body, now)


@router.get("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def read_me(caller: CallerDep, session: Reading, now: Now, response: Response) -> MePublic:
    """Read one's own person and memberships, with what one may do in each."""
    person = await require_active(session, caller)
    set_etag(response, person.version)
    return MePublic(
        **PersonPublic.of(person).model_dump(),
        platform_roles=await platform_roles_of(session, person.id),
        memberships=await service.own_memberships(session, caller, now),
    )
