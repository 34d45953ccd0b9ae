from argon2 import PasswordHasher

from chassis.ids import new_id
from services.membership.credentials.models import Credential
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import OWN, recipe, thing
from tests.system.security.world import World

PASSWORD = "correct horse battery"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NEW = "another good long one"

RECIPES = [
    recipe("activate_account", body={"code": "x", "password": NEW}, public="the code is what is shown"),
    recipe("request_password_reset", body={"login": "nobody"}, public="whoever asks is answered alike"),
    recipe("confirm_password_reset", body={"code": "x", "password": NEW}, public="the code is what is shown"),
    recipe("change_own_password", body={"old_password": PASSWORD, "new_password": NEW}, whose=OWN),
    recipe("create_activation_code", thing("newcomer")),
    recipe(
        "create_password_reset_code",
        thing("activated"),
        also={"programs": 403},
        why="a service account never touches the log-in of who has set a password",
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for name in ("newcomer", "activated"):
            person_id = world.things[name] = new_id()
            add_person(session, person_id, name, now)
        await session.flush()
        for person_id in (world.things["activated"], *(player.person_id for player in world.people)):
            session.add(Credential(person_id=person_id, password_hash=HASH, changed_at=now))
