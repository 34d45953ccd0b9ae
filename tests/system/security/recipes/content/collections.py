from services.content.collections.models import Collection
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("create_collection", body={"community_id": here(), "parent_id": here("collection"), "name": "新书"}),
    recipe("list_collections", query={"community_id": here()}, shows=here("collection")),
    recipe("read_collection", here("collection"), shows=here("collection")),
    recipe("update_collection", here("collection"), body={"name": "旧书", "parent_id": here("shelf")}, version=1),
    recipe("delete_collection", here("collection")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for name in ("collection", "shelf"):
                one = Collection(community_id=ground.id, under_id=ground.id, name=name, created_at=now)
                session.add(one)
                ground.ids[name] = one.id
