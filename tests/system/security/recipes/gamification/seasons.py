from datetime import timedelta

from services.gamification.leaderboards.models import BoardWindow
from services.gamification.seasons.models import Season
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

HERE = {"community_id": here()}
DAYS = {"starts_on": "2024-07-01", "ends_on": "2024-07-31"}

RECIPES = [
    recipe("create_season", body=HERE | DAYS | {"title": "盛夏"}),
    recipe("list_seasons", query=HERE | {"limit": 100}, shows=here("season")),
    recipe("read_season", here("season"), shows=here("season")),
    recipe("update_season", here("season"), body={"title": "初夏"}, version=1),
    recipe("cancel_season", here("season")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    first, last = now.date() + timedelta(days=10), now.date() + timedelta(days=20)
    async with world.transaction() as session:
        for ground in world.grounds.values():
            board = BoardWindow(
                community_id=ground.id,
                period="season",
                from_day=first,
                to_day=last,
                freezes_at=now + timedelta(days=30),
            )
            session.add(board)
            await session.flush()
            one = Season(
                community_id=ground.id,
                title="春季",
                starts_on=first,
                ends_on=last,
                window_id=board.id,
                created_at=now,
            )
            session.add(one)
            await session.flush()
            ground.ids["season"] = one.id
