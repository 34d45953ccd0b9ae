from services.membership.responsibilities.models import Responsibility
from tests.system.security.casts.membership import add_somebody
from tests.system.security.recipe import here, recipe, theirs
from tests.system.security.world import World

RECIPES = [
    recipe("create_responsibility", body={"community_id": here(), "area": "海报", "holder_id": theirs()}),
    recipe("list_responsibilities", query={"community_id": here()}, shows=here("responsibility")),
    recipe("read_responsibility", here("responsibility"), shows=here("deputy")),
    recipe("update_responsibility", here("responsibility"), body={"area": "展板"}, version=1),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            holder, deputy = [await add_somebody(session, ground.id, name, now) for name in ("holder", "deputy")]
            area = Responsibility(
                community_id=ground.id, area="图书角", holder_id=holder, deputy_id=deputy, created_at=now
            )
            session.add(area)
            ground.ids["responsibility"], ground.ids["deputy"] = area.id, deputy
