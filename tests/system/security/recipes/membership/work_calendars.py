from tests.system.security.recipe import import_recipes, recipe
from tests.system.security.world import World

RECIPES = [
    *import_recipes(
        "work_calendars_import",
        start="import_work_calendars",
        template="read_work_calendars_import_template",
        csv="date,kind,name\n2031-01-01,off,元旦",
    ),
    recipe("list_work_calendars"),
]


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("work_calendars_import", "work-calendars.import")
