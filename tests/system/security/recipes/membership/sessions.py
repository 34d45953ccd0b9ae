from argon2 import PasswordHasher

from services.membership.people.models import Credential
from services.membership.sessions.models import LoginSession
from tests.system.security.recipe import OWN, own, recipe, thing
from tests.system.security.world import World

PASSWORD = "correct horse battery"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NEW = "another good long one"

RECIPES = [
    recipe("create_session", body={"login": "nobody", "password": "x"}, public="log-in"),
    recipe("refresh_session", body={"refresh_token": "x" * 43}, public="the refresh token is what is shown"),
    recipe("activate_account", body={"code": "x", "password": NEW}, public="the code is what is shown"),
    recipe("request_password_reset", body={"login": "nobody"}, public="whoever asks is answered alike"),
    recipe("confirm_password_reset", body={"code": "x", "password": NEW}, public="the code is what is shown"),
    recipe("list_own_sessions", shows=own("session")),
    recipe("delete_own_sessions", whose=OWN),
    recipe("delete_current_session", whose=OWN),
    recipe("delete_session", own("session")),
    recipe("change_own_password", body={"old_password": PASSWORD, "new_password": NEW}, whose=OWN),
    recipe("create_activation_code", thing("fresh")),
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
        for player in world.people:
            assert player.caller is not None
            player.own["session"] = player.caller.session_id
            session.add(Credential(person_id=player.person_id, password_hash=HASH, changed_at=now))
            session.add(
                LoginSession(
                    id=player.own["session"],
                    person_id=player.person_id,
                    started_at=now,
                    last_used_at=now,
                    transport="body",
                )
            )
