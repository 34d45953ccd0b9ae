from services.membership.departments.models import Department
from tests.system.security.recipe import import_recipes, recipe
from tests.system.security.world import World

RECIPES = [
    *import_recipes(
        "department_import",
        start="import_departments",
        template="read_department_import_template",
        csv="code,name\nX1,新部门",
    ),
    recipe("create_department", body={"code": "D9", "name": "九部"}),
    recipe("list_departments"),
    recipe("read_department", "D1"),
    recipe("update_department", "D1", body={"name": "一部"}, version=1),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        session.add(Department(code="D1", name="研发", created_at=now, updated_at=now))
    await world.jobs_of_everybody("department_import", "departments.import")
