from chassis.ids import new_id
from services.membership.platform_roles.models import PlatformRole
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import VARIANT, recipe, thing
from tests.system.security.world import World

RECIPES = [
    recipe("grant_platform_role", thing("candidate"), body={"role": VARIANT}, variants=("admin", "hr", "auditor")),
    recipe("revoke_platform_role", thing("helper"), "hr"),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for name in ("candidate", "helper"):
            person_id = world.things[name] = new_id()
            add_person(session, person_id, name, now)
        await session.flush()
        session.add(PlatformRole(person_id=world.things["helper"], role="hr", granted_by="system", granted_at=now))
