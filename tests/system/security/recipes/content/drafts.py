from typing import Any

from services.content.drafts.models import Draft
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

AFTER = ("discussions",)
RECIPES = [
    recipe("list_drafts", query={"community_id": here()}, whose=OWN),
    recipe("read_draft", here("draft target"), whose=OWN),
    recipe("put_draft", here("draft target"), body={"form": {"body": "先写目标"}}, version=1, whose=OWN),
    recipe("delete_draft", here("draft target"), whose=OWN),
]


async def prepare(world: World) -> None:
    """Everybody is writing a reply to the same discussion."""
    targets: dict[Any, str] = {}
    for ground in world.grounds.values():
        targets[ground.id] = f"reply.{ground.ids['discussion']}"
        ground.ids["draft target"] = targets[ground.id]
    async with world.transaction() as session:
        for player in world.members:
            draft: dict[str, Any] = {"member_id": player.member_id, "target": targets[player.ground.id]}
            session.add(Draft(**draft, community_id=player.ground.id, form={}, changed_at=world.harness.clock()))
