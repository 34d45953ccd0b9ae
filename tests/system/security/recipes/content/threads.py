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
    """Nothing: what is read is that of discussions and replies."""
