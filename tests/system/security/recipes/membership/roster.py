from tests.system.security.recipe import here, import_recipes, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["cohorts"]
ONE = {"ids": [theirs()]}

RECIPES = [
    *import_recipes(
        "members_import",
        start="import_members",
        template="read_members_template",
        query={"community_id": here()},
        ndjson='{"employee_no":"1"}',
    ),
    recipe("list_members", query={"community_id": here(), "limit": 100}, shows=own()),
    recipe("read_member", own()),
    recipe(
        "batch_members",
        body={"action": "set_cohort", "cohort_id": here("cohort")} | ONE,
        per_item=True,
    ),
    recipe(
        "batch_members",
        body={"action": "remove", "reason": "违规"} | ONE,
        per_item=True,
        row="members.remove",
        why="each item is decided as if it had come alone",
    ),
    recipe("leave_community", own()),
    recipe("remove_member", theirs(), body={"reason": "违规"}),
]


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("members_import", "members.import", of_community=True)
