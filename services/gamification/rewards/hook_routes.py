"""HTTP of the webhooks that hand rewards over."""

from uuid import UUID

from fastapi import Request

from chassis.problems import NOT_FOUND
from chassis.web.dependencies import Now, Transaction
from chassis.web.operations import api_router, operation
from services.gamification.rewards import hooks
from services.gamification.rewards.hook_schemas import HookResult, HookTaken

router = api_router(tags=["Redemptions"])


@router.post("/v1/redemptions/{redemption_id}/hook-result")
@operation(public=True, problems=[NOT_FOUND], idempotent=False, max_body=64 * 1024)
async def take_hook_result(
    redemption_id: UUID, body: HookResult, request: Request, session: Transaction, now: Now
) -> HookTaken:
    """Say what a webhook did with a redemption. What is decided already stays so, whatever is said.

    It is signed with its reward's secret as Standard Webhooks describes it, by the headers `webhook-timestamp` and `webhook-signature`;
    its `webhook-id` is the redemption's id. Without the right signature nothing is there.
    """
    row = await hooks.take(session, redemption_id, body, request.headers, await request.body(), now)
    return HookTaken(status=row.status)
