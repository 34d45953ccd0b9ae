"""HTTP of holds."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.rows import existing
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.actors import actor_of
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.application_holds import service
from services.membership.application_holds.models import ApplicationHold
from services.membership.application_holds.schemas import (
    ApplicationHoldCreate,
    ApplicationHoldLift,
    ApplicationHoldPublic,
)
from services.membership.permissions import APPLICATIONS_HOLD

router = api_router(tags=["Application holds"])

ALL = "/v1/applications/holds"
ONE = f"{ALL}/{{hold_id}}"


@router.post(ALL, status_code=201)
@operation(
    permission=APPLICATIONS_HOLD,
    problems=[ILLEGAL_TRANSITION],
    existing="It is held already, for the reason given then.",
)
async def hold_application(body: ApplicationHoldCreate, work: Write, response: Response) -> ApplicationHoldPublic:
    """Keep what was said in an application, and in its steps, until you lift the hold. Audited, with your reason."""
    hold, new = await service.place(work, body)
    created(response, f"{ALL}/{hold.id}")
    if not new:
        response.status_code = 200
    return _public(hold)


@router.get(ALL)
@operation(permission=APPLICATIONS_HOLD)
async def list_application_holds(
    work: Read,
    page: PageQuery,
    application_id: UUID | None = None,
    lifted: Annotated[
        bool | None, Query(description="Only those that were lifted, or that are not; by default all.")
    ] = None,
) -> Page[ApplicationHoldPublic]:
    """List holds in all communities, the newest first."""
    await service.admit(work)
    found = service.holds(application_id=application_id, lifted=lifted)
    return await paginate(work.session, found, page=page, to=_public)


@router.get(ONE)
@operation(permission=APPLICATIONS_HOLD)
async def read_application_hold(hold_id: UUID, work: Read) -> ApplicationHoldPublic:
    """Read who holds an application, since when and why."""
    await service.admit(work)
    return _public(await existing(work.session, ApplicationHold, hold_id))


@router.post(f"{ONE}/lift")
@operation(permission=APPLICATIONS_HOLD, problems=[ILLEGAL_TRANSITION])
async def lift_application_hold(hold_id: UUID, body: ApplicationHoldLift, work: Write) -> ApplicationHoldPublic:
    """Lift a hold. What would have been forgotten meanwhile is forgotten within the hour. Audited, with your reason."""
    return _public(await service.lift(work, hold_id, body.reason))


def _public(hold: ApplicationHold) -> ApplicationHoldPublic:
    actors = {"held_by": actor_of(hold.held_by), "lifted_by": actor_of(hold.lifted_by)}
    return ApplicationHoldPublic(**hold.model_dump() | actors)
