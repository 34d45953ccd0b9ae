"""The caller's own person over HTTP."""

from starlette.responses import Response

from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from services.membership.people.access import require_active
from services.membership.people.schemas import PersonPublic
from services.membership.permissions import PEOPLE_SELF
from services.membership.profiles import service
from services.membership.profiles.schemas import MePublic, ProfilePatch
from services.membership.standing.service import own_memberships

router = api_router(tags=["People"])


@router.get("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def read_me(caller: CallerDep, session: Reading, now: Now, response: Response) -> MePublic:
    """Read your profile and memberships, with what you may do in each."""
    person = await require_active(session, caller)
    set_etag(response, person.version)
    return MePublic(
        **await service.shown(session, person),
        memberships=await own_memberships(session, caller, now),
    )


@router.patch("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def update_my_profile(
    body: ProfilePatch, caller: CallerDep, session: Transaction, now: Now, if_match: IfMatch, response: Response
) -> PersonPublic:
    """Change your language, time zone or picture. Everything else about you is changed by your company."""
    changes = body.model_dump(exclude_unset=True)
    person = await service.change_profile(session, caller, changes, if_match=if_match, now=now)
    set_etag(response, person.version)
    return PersonPublic.of(person)
