"""Identities over HTTP: those of the caller, and everybody's for administrators."""

from uuid import UUID

from starlette.responses import Response

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.identities import service
from services.membership.identities.models import Identity
from services.membership.identities.problems import IDENTITY_TAKEN, LAST_WAY_IN
from services.membership.identities.queries import identities_of, open_identities
from services.membership.identities.schemas import (
    IdentityCreate,
    IdentityDetail,
    IdentityPatch,
    IdentityPublic,
    IdentityUnlink,
)
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.permissions import IDENTITIES_OWN, IDENTITIES_WRITE
from services.membership.platform_roles.access import authorize_platform_now

router = api_router(tags=["Identities"])


@router.get("/v1/identities")
@operation(permission=IDENTITIES_OWN)
async def list_own_identities(caller: CallerDep, session: Reading) -> Page[IdentityPublic]:
    """List the company accounts that you can log in with."""
    await require_active(session, caller)
    found = await open_identities(session, caller.id)
    return Page(items=[IdentityPublic.model_validate(one) for one in found])


@router.delete("/v1/identities/{identity_id}", status_code=204)
@operation(permission=IDENTITIES_OWN, problems=[LAST_WAY_IN], step_up=True)
async def delete_own_identity(identity_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> None:
    """Unlink one of your company accounts. Sessions that were begun with it end."""
    await service.unlink_own(session, caller, identity_id, now)


@router.get("/v1/people/{person_id}/identities")
@operation(permission=IDENTITIES_WRITE)
async def list_identities(
    person_id: UUID, caller: CallerDep, session: Reading, page: PageQuery
) -> Page[IdentityDetail]:
    """List the company accounts of a person, including those that they lost."""
    await authorize_platform_now(session, caller, IDENTITIES_WRITE)
    await existing(session, Person, person_id)
    return await paginate(session, identities_of(person_id), page=page, to=IdentityDetail.model_validate)


@router.post("/v1/identities", status_code=201)
@operation(
    permission=IDENTITIES_WRITE, problems=[IDENTITY_TAKEN, ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST], step_up=True
)
async def create_identity(
    body: IdentityCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> IdentityDetail:
    """Link a company account to a person."""
    identity = await service.link_by_admin(session, caller, body, now)
    created(response, f"/v1/identities/{identity.id}", identity.version)
    return IdentityDetail.model_validate(identity)


@router.get("/v1/identities/{identity_id}")
@operation(permission=IDENTITIES_WRITE)
async def read_identity(identity_id: UUID, caller: CallerDep, session: Reading, response: Response) -> IdentityDetail:
    """Read a company account that is or was linked to a person."""
    await authorize_platform_now(session, caller, IDENTITIES_WRITE)
    identity = await existing(session, Identity, identity_id)
    set_etag(response, identity.version)
    return IdentityDetail.model_validate(identity)


@router.patch("/v1/identities/{identity_id}")
@operation(
    permission=IDENTITIES_WRITE, problems=[IDENTITY_TAKEN, ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST], step_up=True
)
async def change_identity(
    identity_id: UUID,
    body: IdentityPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> IdentityDetail:
    """Change what the provider calls the person. The person stays the same; sessions begun under the old subject end."""
    identity = await service.change_subject(session, caller, identity_id, body, if_match=if_match, now=now)
    set_etag(response, identity.version)
    return IdentityDetail.model_validate(identity)


@router.post("/v1/identities/{identity_id}/unlink")
@operation(permission=IDENTITIES_WRITE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST], step_up=True)
async def unlink_identity(
    identity_id: UUID, body: IdentityUnlink, caller: CallerDep, session: Transaction, now: Now
) -> IdentityDetail:
    """Take a company account from a person. Sessions that were begun with it end."""
    return IdentityDetail.model_validate(await service.unlink_by_admin(session, caller, identity_id, body.reason, now))
