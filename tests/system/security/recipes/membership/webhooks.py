from typing import Any

from services.membership.webhooks.models import Webhook
from tests.system.security.recipe import here, recipe, thing
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
        world.things["webhook"] = add(None, world.players["A"].person_id)
