"""HTTP of webhooks."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.runtime import Runtime
from chassis.web.dependencies import CallerDep, IfMatch, LaterTransaction, Now, Read, RuntimeDep, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.work import Work
from services.membership.permissions import WEBHOOKS_WRITE
from services.membership.webhooks import queries, service
from services.membership.webhooks.addressing import check_address
from services.membership.webhooks.keys import shown_secret
from services.membership.webhooks.models import Webhook
from services.membership.webhooks.problems import TOO_MANY_WEBHOOKS
from services.membership.webhooks.schemas import WebhookCreate, WebhookPatch, WebhookPublic, WebhookSecretPublic
from services.membership.webhooks.views import public

router = api_router(tags=["Webhooks"])


@router.post("/v1/webhooks", status_code=201)
@operation(permission=WEBHOOKS_WRITE, idempotent=False, problems=[TOO_MANY_WEBHOOKS], versioned=True, step_up=True)
async def create_webhook(
    body: WebhookCreate,
    request: Request,
    runtime: RuntimeDep,
    caller: CallerDep,
    begin: LaterTransaction,
    now: Now,
    response: Response,
) -> WebhookSecretPublic:
    """Add an endpoint that messages are sent to. Its secret is shown only once.

    Calls are signed as Standard Webhooks describes.
    """
    async with runtime.database.reading(request_id=request.state.request_id) as session:
        await service.permitted_types(Work(session, now, caller, WEBHOOKS_WRITE), body.community_id)
    # It waits for other machines, so it comes before the transaction, and after the question who asks.
    await check_address(runtime, body.url)
    hook = await service.create(Work(await begin(), now, caller, WEBHOOKS_WRITE), body)
    created(response, f"/v1/webhooks/{hook.id}", hook.version)
    return _with_secret(runtime, hook)


@router.get("/v1/webhooks")
@operation(permission=WEBHOOKS_WRITE.to_read)
async def list_webhooks(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="Without it, the platform's.")] = None,
) -> Page[WebhookPublic]:
    """List a community's endpoints, or the platform's."""
    await service.permitted_types(work, community_id)
    return await paginate(work.session, queries.webhooks(community_id), page=page, to=public)


@router.get("/v1/webhooks/{webhook_id}")
@operation(permission=WEBHOOKS_WRITE.to_read)
async def read_webhook(webhook_id: UUID, work: Read, response: Response) -> WebhookPublic:
    """Read an endpoint."""
    return _shown(await service.permitted_hook(work, webhook_id), response)


@router.patch("/v1/webhooks/{webhook_id}")
@operation(permission=WEBHOOKS_WRITE, step_up=True)
async def update_webhook(
    webhook_id: UUID,
    body: WebhookPatch,
    if_match: IfMatch,
    request: Request,
    runtime: RuntimeDep,
    caller: CallerDep,
    begin: LaterTransaction,
    now: Now,
    response: Response,
) -> WebhookPublic:
    """Change where messages are sent, or which."""
    async with runtime.database.reading(request_id=request.state.request_id) as session:
        await service.permitted_hook(Work(session, now, caller, WEBHOOKS_WRITE), webhook_id)
    await check_address(runtime, body.url)
    work = Work(await begin(), now, caller, WEBHOOKS_WRITE)
    return _shown(await service.change(work, webhook_id, body, if_match), response)


@router.post("/v1/webhooks/{webhook_id}/pause")
@operation(permission=WEBHOOKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def pause_webhook(webhook_id: UUID, work: Write, response: Response) -> WebhookPublic:
    """Send nothing for now. What comes meanwhile waits, for three days at most."""
    return _shown(await service.move(work, webhook_id, "pause"), response)


@router.post("/v1/webhooks/{webhook_id}/resume")
@operation(permission=WEBHOOKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def resume_webhook(webhook_id: UUID, work: Write, response: Response) -> WebhookPublic:
    """Send again, after a pause or after it was switched off. You answer for the endpoint from now on."""
    return _shown(await service.move(work, webhook_id, "resume"), response)


@router.post("/v1/webhooks/{webhook_id}/rotate", status_code=201)
@operation(permission=WEBHOOKS_WRITE, idempotent=False, located=False, versioned=True, step_up=True)
async def rotate_webhook_secret(
    webhook_id: UUID, work: Write, runtime: RuntimeDep, response: Response
) -> WebhookSecretPublic:
    """Create a new secret, shown only once. For 24 h, calls are signed with the old secret as well."""
    hook = await service.rotate(work, webhook_id)
    set_etag(response, hook.version)
    return _with_secret(runtime, hook)


@router.delete("/v1/webhooks/{webhook_id}", status_code=204)
@operation(permission=WEBHOOKS_WRITE)
async def remove_webhook(webhook_id: UUID, work: Write) -> None:
    """Remove an endpoint, with all that waits to be sent to it and its log."""
    await service.remove(work, webhook_id)


def _shown(hook: Webhook, response: Response) -> WebhookPublic:
    set_etag(response, hook.version)
    return public(hook)


def _with_secret(runtime: Runtime, hook: Webhook) -> WebhookSecretPublic:
    return WebhookSecretPublic(**public(hook).model_dump(), secret=shown_secret(runtime.secret, hook))
