"""HTTP of automations."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import Standing, authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from services.analytics.automations import queries, service, trying, views
from services.analytics.automations.models import Automation
from services.analytics.automations.problems import NOT_TRIED, TOO_MANY
from services.analytics.automations.rules import Status
from services.analytics.automations.schemas import (
    STATUS,
    AutomationCreate,
    AutomationPatch,
    AutomationPublic,
    DryRun,
    FiringPublic,
)
from services.analytics.permissions import AUTOMATIONS_WRITE

router = api_router(tags=["Automations"])

ONE = "/v1/automations/{automation_id}"


@router.post("/v1/automations", status_code=201)
@operation(permission=AUTOMATIONS_WRITE, problems=[TOO_MANY])
async def create_automation(body: AutomationCreate, work: Write, response: Response) -> AutomationPublic:
    """Write down what is to happen by itself. Try it, then switch it on."""
    automation, standing = await service.create(work, body)
    created(response, f"/v1/automations/{automation.id}")
    return _shown(automation, standing, response)


@router.get("/v1/automations")
@operation(permission=AUTOMATIONS_WRITE.to_read)
async def list_automations(
    community_id: UUID, work: Read, page: PageQuery, status: Annotated[Status | None, Query(), STATUS] = None
) -> Page[AutomationPublic]:
    """List a community's automations, the oldest first."""
    standing = await authorize(work.session, work.caller, AUTOMATIONS_WRITE.to_read, community_id, now=work.now)
    return await paginate(
        work.session, queries.listing(community_id, status), page=page, to=lambda row: views.shown(row, standing)
    )


@router.get(ONE)
@operation(permission=AUTOMATIONS_WRITE.to_read)
async def read_automation(automation_id: UUID, work: Read, response: Response) -> AutomationPublic:
    """Read an automation."""
    return _shown(*await service.seen(work, automation_id), response)


@router.patch(ONE)
@operation(permission=AUTOMATIONS_WRITE)
async def update_automation(
    automation_id: UUID, body: AutomationPatch, if_match: IfMatch, work: Write, response: Response
) -> AutomationPublic:
    """Change an automation; but for its title it is off then, until it is tried again."""
    return _shown(*await service.change(work, automation_id, body, if_match), response)


@router.post(f"{ONE}/dry-run")
@operation(permission=AUTOMATIONS_WRITE)
async def try_automation(automation_id: UUID, work: Write) -> DryRun:
    """See whom an automation would have concerned in the last 30 days; nobody is told."""
    automation, standing, touched = await trying.dry_run(work, automation_id)
    return await views.tried(work, automation, standing, touched)


@router.post(f"{ONE}/switch-on")
@operation(permission=AUTOMATIONS_WRITE, problems=[ILLEGAL_TRANSITION, NOT_TRIED])
async def switch_automation_on(automation_id: UUID, work: Write, response: Response) -> AutomationPublic:
    """Let an automation happen from now on; it was tried as it is now."""
    return _shown(*await service.switch_on(work, automation_id), response)


@router.post(f"{ONE}/switch-off")
@operation(permission=AUTOMATIONS_WRITE, problems=[ILLEGAL_TRANSITION])
async def switch_automation_off(automation_id: UUID, work: Write, response: Response) -> AutomationPublic:
    """Let an automation happen no more."""
    return _shown(*await service.switch_off(work, automation_id), response)


@router.get(f"{ONE}/firings")
@operation(permission=AUTOMATIONS_WRITE.to_read)
async def list_automation_firings(automation_id: UUID, work: Read, page: PageQuery) -> Page[FiringPublic]:
    """List what set an automation off, the latest first."""
    await service.seen(work, automation_id)
    return await paginate_together(
        work.session, queries.firings(automation_id), page=page, to=lambda rows: views.fired(work, rows)
    )


def _shown(automation: Automation, standing: Standing, response: Response) -> AutomationPublic:
    set_etag(response, automation.version)
    return views.shown(automation, standing)
