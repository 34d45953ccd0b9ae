from tests.system.security.recipe import here, import_recipes
from tests.system.security.world import World

RECIPES = import_recipes(
    "archive_import",
    start="import_archives",
    template="read_archive_import_template",
    query={"community_id": here()},
    csv="kind,id,at,author,title,body\ndiscussion,q1,2024-03-01T04:00:00Z,E-neighbour,旧问题,从前",
)


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("archive_import", "archives.import", of_community=True)
