from typing import Any

from chassis.ids import new_id
from services.membership.webhooks.models import Webhook, WebhookDelivery
from tests.system.security.recipe import here, own, recipe, thing
from tests.system.security.world import World

URL = "https://8.8.8.8/hook"
TYPES = ["qunxue.membership.community.updated.v1"]
ONE, PLATFORMS = here("webhook"), thing("webhook")
OF_ADMINS: dict[str, Any] = {
    "row": "communities.create",
    "why": "endpoints of the platform are kept by administrators alone",
}

RECIPES = [
    recipe("create_webhook", body={"community_id": here(), "url": URL, "types": TYPES}),
    recipe("create_webhook", body={"url": URL, "types": ["qunxue.membership.person.left.v1"]}, **OF_ADMINS),
    recipe("list_webhooks", query={"community_id": here()}, shows=ONE),
    recipe("list_webhooks", shows=PLATFORMS, **OF_ADMINS),
    recipe("read_webhook", ONE, shows=ONE),
    recipe("read_webhook", PLATFORMS, shows=PLATFORMS, **OF_ADMINS),
    recipe("update_webhook", ONE, body={"description": "仪表盘"}, version=1),
    recipe("pause_webhook", ONE),
    recipe("resume_webhook", here("paused_webhook")),
    recipe("rotate_webhook_secret", ONE),
    recipe("list_webhook_deliveries", ONE, shows=here("webhook_delivery")),
    recipe("replay_webhook_delivery", ONE, here("webhook_delivery")),
    recipe("replay_webhook", ONE, body={"since": "2024-05-06T00:00:00Z"}),
    recipe("test_webhook", ONE),
    recipe("read_webhook_replay", own("webhook_replay"), within="imports.job"),
    recipe("cancel_webhook_replay", own("webhook_replay"), within="imports.job"),
    recipe("remove_webhook", ONE),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def add(community_id: Any, owner_id: Any, status: str = "active") -> Any:
            hook = Webhook(
                community_id=community_id,
                owner_id=owner_id,
                url=URL,
                types=TYPES,
                status=status,
                status_since=now,
                created_at=now,
            )
            session.add(hook)
            return hook.id

        for ground in world.grounds.values():
            owner_id = world.players["W"].person_id
            ground.ids["webhook"] = add(ground.id, owner_id)
            ground.ids["paused_webhook"] = add(ground.id, owner_id, "paused")
            await session.flush()
            told = WebhookDelivery(
                webhook_id=ground.ids["webhook"],
                message_id=new_id(),
                type=TYPES[0],
                status="failed",
                since=now,
                next_at=now,
                created_at=now,
            )
            session.add(told)
            ground.ids["webhook_delivery"] = told.id
        world.things["webhook"] = add(None, world.players["A"].person_id)
    await world.jobs_of_everybody("webhook_replay", "webhooks.replay", of_community=True)
