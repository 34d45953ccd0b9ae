from datetime import timedelta

from services.events.retrospectives.models import Retrospective
from tests.system.security.recipe import OTHER, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")

RECIPES = [
    recipe("create_retrospective", body={"community_id": here(), "month": "2024-03"}, whose=OTHER),
    recipe("list_retrospectives", query={"community_id": here()}, shows=own("retrospective"), whose=RUNS),
    recipe("read_retrospective", own("retrospective"), shows=own("retrospective"), whose=RUNS),
    recipe("update_retrospective", own("retrospective"), body={"kept": "提前发资料"}, version=1, whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            one = Retrospective(
                community_id=player.ground.id,
                activity_id=player.own["activity run"],
                due_at=now + timedelta(days=7),
                created_at=now,
            )
            session.add(one)
            player.own["retrospective"] = player.assigned["retrospective"] = one.id
