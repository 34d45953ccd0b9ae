from services.membership.communities.models import Charter, Community
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("agree_to_charter", here(), 1, whose=OWN),
    recipe("list_missing_agreements", here(), 1),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            if await session.get(Charter, (ground.id, 1)) is None:
                content = {"vision": "人人会用数据", "mission": None, "values": [], "code_of_conduct": []}
                session.add(
                    Charter(community_id=ground.id, version=1, content=content, published_at=now, published_by="system")
                )
                (await session.get_one(Community, ground.id)).charter_version = 1
