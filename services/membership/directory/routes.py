"""People over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.avatars import Avatars, avatars_in
from chassis.database.rows import existing
from chassis.problems import ILLEGAL_TRANSITION, INVALID
from chassis.security.caller import Caller
from chassis.security.step_up import STEP_UP_REQUIRED
from chassis.tabular.templates import CSV_TYPE
from chassis.web.batch import BatchResult, run_batch
from chassis.web.dependencies import CallerDep, IfMatch, Localised, Now, Reading, RuntimeDep, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.media import JSON, preferred
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.schemas import Viewer
from services.membership.credentials.by_mail import activation_by_mail
from services.membership.credentials.service import issue_activation
from services.membership.credentials.slips import slips
from services.membership.deliveries.views import mail_refused
from services.membership.departments.problems import UNKNOWN_DEPARTMENT
from services.membership.departments.queries import refs
from services.membership.directory import queries, service
from services.membership.directory.problems import NOT_IDENTIFIED, ONLY_ACTIVATIONS
from services.membership.directory.schemas import (
    Leaving,
    PeopleBatch,
    PersonCreate,
    PersonDetail,
    PersonListed,
    PersonPatch,
    Rehiring,
)
from services.membership.people import rules
from services.membership.people.models import Person
from services.membership.people.problems import IDENTIFIER_TAKEN
from services.membership.people.rules import Action
from services.membership.people.schemas import PERSON_KIND, PERSON_STATUS, PersonKind, PersonPublic, PersonStatus
from services.membership.permissions import PEOPLE_READ, PEOPLE_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.platform_roles.problems import ACCOUNT_PROTECTED
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.platform_roles.rules import imports_may_change_status

router = api_router(tags=["People"])

AS_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
}
_FORMS = (JSON, "text/csv")
_AS_SLIPS = {"Content-Disposition": 'attachment; filename="activation-codes.csv"'}

_WRITING = [IDENTIFIER_TAKEN, NOT_IDENTIFIED, UNKNOWN_DEPARTMENT]
_MOVING = [ILLEGAL_TRANSITION, ACCOUNT_PROTECTED]


@router.post("/v1/people", status_code=201)
@operation(permission=PEOPLE_WRITE, problems=_WRITING)
async def register_person(
    body: PersonCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> PersonDetail:
    """Register a person.

    The person has no password yet: `POST /v1/people/{id}/activation` creates the code with which they set one.
    """
    person = await service.register(session, caller, body.model_dump(), now)
    created(response, f"/v1/people/{person.id}")
    return await _detail(session, caller, person, response)


@router.get("/v1/people")
@operation(permission=PEOPLE_READ)
async def list_people(
    caller: CallerDep,
    session: Reading,
    now: Now,
    page: PageQuery,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=100,
            description="The beginning of a name, number, pinyin or its initials; or a complete e-mail or phone.",
        ),
    ] = None,
    department: Annotated[
        str | None, Query(max_length=64, description="A department's code. Includes the departments below it.")
    ] = None,
    status: Annotated[PersonStatus, PERSON_STATUS] | None = None,
    kind: Annotated[PersonKind, PERSON_KIND] | None = None,
    person_id: UUID | None = None,
    activated: Annotated[bool | None, Query(description="Whether they have set a password.")] = None,
    password_reset_requested: Annotated[
        bool | None,
        Query(description="Whether they said in the last 7 days that they lost their password, and wait for a code."),
    ] = None,
) -> Page[PersonListed]:
    """List people, sorted by name (pinyin)."""
    await authorize_platform_now(session, caller, PEOPLE_READ)
    listing = queries.people(
        person_id=person_id,
        q=q,
        department=department,
        status=status,
        kind=kind,
        activated=activated,
        password_reset_requested=password_reset_requested,
        now=now,
    )

    async def shown(rows: Sequence[Any]) -> list[PersonListed]:
        avatars = avatars_in(session)
        found = await refs(session, [person.department_code for person, _ in rows])
        return [
            PersonListed(
                **_plain(person, avatars),
                department=found[person.department_code],
                activated=credential is not None,
                password_reset_requested_at=credential.reset_requested_at if credential else None,
            )
            for person, credential in rows
        ]

    return await paginate_together(session, listing, page=page, to=shown)


def _plain(person: Person, avatars: Avatars) -> dict[str, Any]:
    return PersonPublic.of(person, avatars).model_dump()


@router.get("/v1/people/{person_id}")
@operation(permission=PEOPLE_READ)
async def read_person(person_id: UUID, caller: CallerDep, session: Reading, response: Response) -> PersonDetail:
    """Read a person."""
    await authorize_platform_now(session, caller, PEOPLE_READ)
    return await _detail(session, caller, await existing(session, Person, person_id), response)


async def _detail(session: AsyncSession, caller: Caller, person: Person, response: Response) -> PersonDetail:
    """A person alone, as they are read and as every command answers."""
    set_etag(response, person.version)
    credential = await service.credential_of(session, person)
    roles = await platform_roles_of(session, person.id)
    departments = await refs(session, [person.department_code])
    return PersonDetail(
        **_plain(person, avatars_in(session)),
        department=departments[person.department_code],
        activated=credential is not None,
        password_reset_requested_at=credential.reset_requested_at if credential else None,
        platform_roles=roles,
        mail_refused=await mail_refused(session, person),
        viewer=_viewer(caller, person, roles),
    )


@router.patch("/v1/people/{person_id}")
@operation(permission=PEOPLE_WRITE, problems=[*_WRITING, ACCOUNT_PROTECTED, STEP_UP_REQUIRED])
async def update_person(
    person_id: UUID,
    body: PersonPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> PersonDetail:
    """Change a person. What they log in with changes only by who has proved lately who they are (`step_up_required`)."""
    changes = body.model_dump(exclude_unset=True)
    person = await service.change(session, caller, person_id, changes, if_match=if_match, now=now)
    return await _detail(session, caller, person, response)


@router.post("/v1/people/{person_id}/suspend")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def suspend_person(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> PersonDetail:
    """Suspend a person: they can do nothing, and their sessions end."""
    person = await service.move(session, caller, person_id, Action.SUSPEND, now=now)
    return await _detail(session, caller, person, response)


@router.post("/v1/people/{person_id}/reinstate")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def reinstate_person(
    person_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> PersonDetail:
    """End a person's suspension."""
    person = await service.move(session, caller, person_id, Action.REINSTATE, now=now)
    return await _detail(session, caller, person, response)


@router.post("/v1/people/{person_id}/leave")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def let_person_leave(
    person_id: UUID,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
    body: Leaving | None = None,
) -> PersonDetail:
    """Record that a person leaves the company. All their memberships and sessions end."""
    person = await service.move(session, caller, person_id, Action.LEAVE, now=now, day=body.left_on if body else None)
    return await _detail(session, caller, person, response)


@router.post("/v1/people/{person_id}/rehire")
@operation(permission=PEOPLE_WRITE, problems=_MOVING)
async def rehire_person(
    person_id: UUID,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
    body: Rehiring | None = None,
) -> PersonDetail:
    """Record that a person who left is back. They keep their history."""
    person = await service.move(session, caller, person_id, Action.REHIRE, now=now, day=body.hired_on if body else None)
    return await _detail(session, caller, person, response)


@router.post("/v1/people/batch", responses=AS_CSV)
@operation(permission=PEOPLE_WRITE, idempotent=False, step_up=True)
async def change_people_in_batch(
    body: PeopleBatch, caller: CallerDep, runtime: RuntimeDep, request: Request, now: Now, locale: Localised
) -> BatchResult:
    """Create activation codes for up to 500 people, or suspend, reinstate or rehire them, or record that they leave.

    Each item is handled like a request of its own. The result of an activation contains the code. With `Accept: text/csv`, codes come as a
    file with names, employee numbers, codes and links, to be handed out. With `by: mail` each code goes to the address of its person; an item without one is
    refused (`no_address`), and all of them where the installation sends no mail (`no_mail`).
    """
    if body.by == "mail" and body.action != "activation":
        raise INVALID(errors=[ONLY_ACTIVATIONS])

    async def apply(session: Transaction, person_id: UUID) -> object:
        if body.action == "activation" and body.by == "mail":
            return (await activation_by_mail(session, caller, person_id, now)).model_dump(mode="json")
        if body.action == "activation":
            return (await issue_activation(session, caller, person_id, now)).model_dump(mode="json")
        person = await service.move(session, caller, person_id, Action(body.action), now=now)
        return PersonPublic.of(person, avatars_in(session)).model_dump(mode="json")

    request_id = getattr(request.state, "request_id", None)
    done = await run_batch(runtime, caller, body.ids, apply, locale=locale, request_id=request_id)
    if body.action != "activation" or body.by == "mail" or preferred(request.headers.get("accept"), _FORMS) == JSON:
        return done
    content = slips(done.items, app_url=runtime.settings.app_url, locale=locale)
    return Response(content, media_type=CSV_TYPE, headers=_AS_SLIPS)  # type: ignore[return-value]


def _viewer(caller: Caller, person: Person, roles: list[str]) -> Viewer:
    """What the caller can do with a person, by the rules that the commands apply."""
    can: list[str] = []
    cannot: dict[str, str] = {}
    writes = PEOPLE_WRITE.name in caller.scopes if caller.kind == "service" else True
    for action in Action:
        if not writes:
            cannot[action] = "forbidden"
        elif not caller.is_admin and not imports_may_change_status(platform_roles=roles):
            cannot[action] = ACCOUNT_PROTECTED.code
        elif caller.id == person.id or rules.after(person.status, action) is None:
            cannot[action] = ILLEGAL_TRANSITION.code
        else:
            can.append(action)
    return Viewer(can=can, cannot=cannot)
