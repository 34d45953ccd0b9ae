from typing import Any

from services.content.subscriptions.models import Subscription, id_of_tag
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

AFTER = ("discussions", "replies")
RECIPES = [
    recipe("read_thread", here("discussion"), shows=here("reply")),
    recipe("read_discussions", body={"community_id": here(), "before": "2024-05-06T00:00:00Z"}, whose=OWN),
    recipe("add_discussion_bookmark", here("discussion"), whose=OWN),
    recipe("remove_discussion_bookmark", here("discussion"), whose=OWN),
    recipe("add_discussion_subscription", here("discussion"), whose=OWN),
    recipe("remove_discussion_subscription", here("discussion"), whose=OWN),
    recipe("add_tag_subscription", "图书", query={"community_id": here()}, whose=OWN),
    recipe("remove_tag_subscription", "图书", query={"community_id": here()}, whose=OWN),
    recipe("list_subscriptions", query={"community_id": here()}, whose=OWN),
    recipe("read_discussion_upto", here("discussion"), body={"upto": 1}, whose=OWN),
]


async def prepare(world: World) -> None:
    """Everybody hears of a discussion of their own and of a tag; what is read is that of discussions and replies."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            about: dict[str, Any] = {"community_id": player.ground.id, "member_id": player.member_id, "is_on": True}
            tag: dict[str, Any] = {
                "target_kind": "tag",
                "target_id": id_of_tag(player.ground.id, "数学"),
                "tag": "数学",
            }
            discussion: dict[str, Any] = {"target_kind": "discussion", "target_id": player.own["discussion"]}
            for target in (tag, discussion):
                session.add(Subscription(**about, **target, created_at=now, changed_at=now))
