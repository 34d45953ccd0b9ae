"""People over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.security.caller import Caller
from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.schemas import Viewer
from services.membership.people import platform_roles, queries, rules, service
from services.membership.people.access import authorize_directory, platform_roles_of
from services.membership.people.models import Person
from services.membership.people.problems import (
    ACCOUNT_PROTECTED,
    IDENTIFIER_TAKEN,
    LAST_ADMIN,
    NOT_IDENTIFIED,
    UNKNOWN_DEPARTMENT,
)
from services.membership.people.rules import Action
from services.membership.people.schemas import (
    Leaving,
    PersonCreate,
    PersonDetail,
    PersonPatch,
    PersonPublic,
    PlatformRoleGrant,
    PlatformRolePublic,
    ProfilePatch,
    Rehiring,
)
from services.membership.permissions import PEOPLE_READ, PEOPLE_SELF, PEOPLE_WRITE, PLATFORM_ROLES_GRANT

router = api_router(tags=["People"])

_WRITING = [IDENTIFIER_TAKEN, NOT_IDENTIFIED, UNKNOWN_DEPARTMENT]
_MOVING = [ILLEGAL_TRANSITION, ACCOUNT_PROTECTED]


@router.post("/v1/people", status_code=201)
@operation(permission=PEOPLE_WRITE, problems=_WRITING)
async def register_person(
    body: PersonCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> PersonPublic:
    """Register a person.

    He has no password yet: `POST /v1/people/{id}/activation` gives the code with which he sets one.
    """
    person = await service.register(session, caller, body.model_dump(), now)
    created(response, f"/v1/people/{person.id}", person.version)
    return PersonPublic.of(person)


@router.get("/v1/people")
@operation(permission=PEOPLE_READ)
async def list_people(
    caller: CallerDep,
    session: Reading,
    page: PageQuery,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=100,
            description="Beginning of name, number, pinyin or initials; or a whole e-mail or phone.",
        ),
    ] = None,
    department: Annotated[str | None, Query(max_length=64, description="With everything below it.")] = None,
    status: Literal["active", "suspended", "left", "erased"] | None = None,
    kind: Literal["employee", "external"] | None = None,
) -> Page[PersonPublic]:
    """List people, sorted by name (pinyin)."""
    await authorize_directory(session, caller, PEOPLE_READ)
    listing = queries.people(q=q, department=department, status=status, kind=kind)
    return await paginate(session, listing, page=page, to=PersonPublic.of)


@router.patch("/v1/people/me")
@operation(permission=PEOPLE_SELF)
async def update_my_profile(
    body: ProfilePatch, caller: CallerDep, session: Transaction, now: Now, if_match: IfMatch, response: Response
) -> PersonPublic:
    """Change one's own language, time zone or picture. What the company says of a person, the company changes."""
    changes = body.model_dump(exclude_unset=True)
    person = await service.change_profile(session, caller, changes, if_match=if_match, now=now)
    set_etag(response, person.version)
    return PersonPublic.of(person)


@router.get("/v1/people/{person_id}")
@operation(permission=PEOPLE_READ)
async def read_person(person_id: UUID, caller: CallerDep, session: Reading, response: Response) -> PersonDetail:
    """Read a person."""
    await authorize_directory(session, caller, PEOPLE_READ)
    person, credential = await service.read(session, person_id)
    set_etag(response, person.version)
    roles = await platform_roles_of(session, person.id)
    return PersonDetail(
        **PersonPublic.of(person).model_dump(),
        activated=credential is not None,
        password_reset_requested_at=credential.reset_requested_at if credential else None,
        platform_roles=roles,
        viewer=_viewer(caller, person, roles),
    )


@router.patch("/v1/people/{person_id}")
@operation(permission=PEOPLE_WRITE, problems=[*_WRITING, ACCOUNT_PROTECTED])
async def update_person(
    person_id: UUID,
    body: PersonPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> PersonPublic:
    """Change a person."""
    changes = body.model_dump(exclude_unset=True)
    person = await service.change(session, caller, person_id, changes, if_match=if_match, now=now)
    set_etag(response, person.version)
    return PersonPublic.of(person)


@router.post("/v1/people/{person_id}/suspend")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def suspend_person(person_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> PersonPublic:
    """Suspend a person: he may do nothing, and his sessions end."""
    return await _moved(session, caller, person_id, Action.SUSPEND, now)


@router.post("/v1/people/{person_id}/reinstate")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def reinstate_person(person_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> PersonPublic:
    """End a person's suspension."""
    return await _moved(session, caller, person_id, Action.REINSTATE, now)


@router.post("/v1/people/{person_id}/leave")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def let_person_leave(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now, body: Leaving | None = None
) -> PersonPublic:
    """Record that a person leaves the company: every membership and session ends."""
    person = await service.move(session, caller, person_id, Action.LEAVE, now=now, day=body.left_on if body else None)
    return PersonPublic.of(person)


@router.post("/v1/people/{person_id}/rehire")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def rehire_person(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now, body: Rehiring | None = None
) -> PersonPublic:
    """Record that a person who left is back; what he did before is still his."""
    person = await service.move(session, caller, person_id, Action.REHIRE, now=now, day=body.hired_on if body else None)
    return PersonPublic.of(person)


@router.post("/v1/people/{person_id}/platform-roles", status_code=201)
@operation(permission=PLATFORM_ROLES_GRANT, problems=[ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION])
async def grant_platform_role(
    person_id: UUID, body: PlatformRoleGrant, caller: CallerDep, session: Transaction, now: Now
) -> PlatformRolePublic:
    """Grant a platform role: admin, hr (people, departments, learning records) or auditor (the audit)."""
    return PlatformRolePublic.model_validate(await platform_roles.grant(session, caller, person_id, body.role, now))


@router.delete("/v1/people/{person_id}/platform-roles/{role}", status_code=204)
@operation(permission=PLATFORM_ROLES_GRANT, problems=[LAST_ADMIN])
async def revoke_platform_role(
    person_id: UUID, role: Literal["admin", "hr", "auditor"], caller: CallerDep, session: Transaction, now: Now
) -> None:
    """Revoke a platform role; the person's sessions end, since their tokens carry it."""
    await platform_roles.revoke(session, caller, person_id, role, now)


async def _moved(session: AsyncSession, caller: Caller, person_id: UUID, action: Action, now: Now) -> PersonPublic:
    return PersonPublic.of(await service.move(session, caller, person_id, action, now=now))


def _viewer(caller: Caller, person: Person, roles: list[str]) -> Viewer:
    """What the caller can do with a person, by the rules that the commands apply."""
    can: list[str] = []
    cannot: dict[str, str] = {}
    writes = PEOPLE_WRITE.name in caller.scopes if caller.kind == "service" else True
    for action in Action:
        if not writes:
            cannot[action] = "forbidden"
        elif not caller.is_admin and not rules.imports_may_change_status(platform_roles=roles):
            cannot[action] = ACCOUNT_PROTECTED.code
        elif caller.id == person.id or rules.after(person.status, action) is None:
            cannot[action] = ILLEGAL_TRANSITION.code
        else:
            can.append(action)
    return Viewer(can=can, cannot=cannot)
