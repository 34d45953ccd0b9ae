from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("create_cohort", body={"community_id": here(), "code": "c2", "name": "二期"}),
    recipe("list_cohorts", query={"community_id": here()}, shows=here("cohort")),
    recipe("read_cohort", here("cohort")),
    recipe("update_cohort", here("cohort"), body={"name": "首期"}, version=1),
]


async def prepare(world: World) -> None:
    for ground in world.grounds.values():
        body = {"community_id": str(ground.id), "code": "c1", "name": "一期"}
        ground.ids["cohort"] = (await ground.owner.post("/v1/cohorts", json=body)).json()["id"]
