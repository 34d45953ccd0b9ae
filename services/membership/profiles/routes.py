"""The caller's own person over HTTP."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.security.caller import Caller
from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.permissions import PEOPLE_SELF
from services.membership.profiles import service
from services.membership.profiles.schemas import MePublic, ProfilePatch
from services.membership.standing.service import own_memberships

router = api_router(tags=["People"])


@router.get("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def read_me(caller: CallerDep, session: Reading, now: Now, response: Response) -> MePublic:
    """Read your profile and memberships, with what you may do in each."""
    return await _me(session, caller, await require_active(session, caller), now, response)


@router.patch("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def update_my_profile(
    body: ProfilePatch, caller: CallerDep, session: Transaction, now: Now, if_match: IfMatch, response: Response
) -> MePublic:
    """Change your language, time zone or picture. Everything else about you is changed by your company."""
    changes = body.model_dump(exclude_unset=True)
    person = await service.change_profile(session, caller, changes, if_match=if_match, now=now)
    return await _me(session, caller, person, now, response)


async def _me(session: AsyncSession, caller: Caller, person: Person, now: datetime, response: Response) -> MePublic:
    set_etag(response, person.version)
    memberships = await own_memberships(session, caller, now)
    return MePublic(**await service.shown(session, caller, person), memberships=memberships)
