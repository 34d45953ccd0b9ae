from datetime import date

from chassis.ids import new_id
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import VARIANT, Ref, import_recipes, own, recipe, theirs, thing
from tests.system.security.world import World

FRESH = thing("fresh")
SOMEBODY = Ref(lambda world, case: case.who.has("person") if case.whose == "own" else world.things["fresh"], True)

RECIPES = [
    *import_recipes(
        "people_import",
        start="import_people",
        template="read_people_import_template",
        csv="employee_no,display_name\n77001,新人",
    ),
    recipe("list_people", query={"limit": 100}, shows=theirs("person")),
    recipe("read_person", own("person")),
    recipe("register_person", body={"display_name": "新人", "employee_no": "77002"}),
    recipe("update_person", SOMEBODY, body={"title": "总监"}, version=1),
    recipe("suspend_person", FRESH),
    recipe("reinstate_person", thing("barred")),
    recipe("let_person_leave", FRESH),
    recipe("rehire_person", thing("departed")),
    recipe(
        "change_people_in_batch",
        body={"action": VARIANT, "ids": [FRESH]},
        variants=("activation", "suspend"),
        per_item=True,
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for name in ("fresh", "barred", "departed"):
            person_id = world.things[name] = new_id()
            status = {"barred": "suspended", "departed": "left"}.get(name, "active")
            left_on = date(2024, 1, 1) if name == "departed" else None
            add_person(session, person_id, name, now, status=status, left_on=left_on)
    await world.jobs_of_everybody("people_import", "people.import")
