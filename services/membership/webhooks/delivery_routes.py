"""HTTP of what endpoints are sent: the log, sending again, a try."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.permissions import WEBHOOKS_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.webhooks import queries, replaying, service
from services.membership.webhooks.rules import DeliveryStatus
from services.membership.webhooks.schemas import WebhookDeliveryPublic, WebhookReplay
from services.membership.webhooks.views import delivery_public

router = api_router(tags=["Webhooks"])

ONE = "/v1/webhooks/{webhook_id}"
REPLAYS = "/v1/webhooks/replays"


@router.get(f"{ONE}/deliveries")
@operation(permission=WEBHOOKS_WRITE.to_read)
async def list_webhook_deliveries(
    webhook_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[DeliveryStatus | None, Closed("WebhookDeliveryStatus", DeliveryStatus), Query()] = None,
) -> Page[WebhookDeliveryPublic]:
    """List what an endpoint was sent and is to be sent, the newest first. The log goes back 30 days."""
    hook = await service.permitted_hook(work, webhook_id)
    return await paginate(work.session, queries.deliveries(hook.id, status), page=page, to=delivery_public)


@router.post(f"{ONE}/deliveries/{{delivery_id}}/replay")
@operation(permission=WEBHOOKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def replay_webhook_delivery(webhook_id: UUID, delivery_id: UUID, work: Write) -> WebhookDeliveryPublic:
    """Send a message again, with the same `webhook-id`. What waits already is left as it is."""
    return delivery_public(await replaying.replay_one(work, webhook_id, delivery_id))


@router.post(f"{ONE}/replay", status_code=202)
@operation(permission=WEBHOOKS_WRITE, problems=[ILLEGAL_TRANSITION])
async def replay_webhook(webhook_id: UUID, body: WebhookReplay, work: Write, response: Response) -> JobPublic:
    """Send again all that failed since a moment, each with the same `webhook-id`. One that is under way is answered."""
    job_id = await replaying.start_replay(work, webhook_id, body.since)
    return await accepted_job(work.session, job_id, response, REPLAYS)


@router.post(f"{ONE}/test", status_code=201)
@operation(
    permission=WEBHOOKS_WRITE, problems=[ILLEGAL_TRANSITION], located=False, existing="A test waits to be sent already."
)
async def test_webhook(webhook_id: UUID, work: Write, response: Response) -> WebhookDeliveryPublic:
    """Send a message of the type `qunxue.membership.webhook.tested.v1`, for a try."""
    delivery, made = await replaying.test(work, webhook_id)
    response.status_code = 201 if made else 200
    return delivery_public(delivery)


job_routes(
    router,
    prefix=REPLAYS,
    kind=replaying.REPLAY,
    permission=WEBHOOKS_WRITE,
    name="webhook_replay",
    errors=False,
    authorize_platform_job=authorize_platform_now,
)
