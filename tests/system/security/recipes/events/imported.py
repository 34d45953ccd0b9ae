from tests.system.security.recipe import here, import_recipes
from tests.system.security.world import World

AFTER = ["activities"]

RECIPES = import_recipes(
    "activity_import",
    start="import_activities",
    template="read_activity_import_template",
    query={"community_id": here()},
    csv="title,starts_at,ends_at,organisers\n春季读书会,2023-03-01 14:00,2023-03-01 16:00,E-neighbour",
)


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("activity_import", "activities.import", of_community=True)
