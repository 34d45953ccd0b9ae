from services.membership.keys.service import add_key
from services.membership.sessions.models import LoginSession
from tests.system.security.recipe import OWN, own, recipe
from tests.system.security.recipes.membership.credentials import PASSWORD
from tests.system.security.world import World

RECIPES = [
    recipe("create_session", body={"login": "nobody", "password": "x"}, public="log-in"),
    recipe("refresh_session", body={"refresh_token": "x" * 43}, public="the refresh token is what is shown"),
    recipe("list_own_sessions", shows=own("session")),
    recipe("step_up", body={"password": PASSWORD}, whose=OWN),
    recipe("delete_own_sessions", whose=OWN),
    recipe("delete_other_sessions", whose=OWN),
    recipe("delete_current_session", whose=OWN),
    recipe("delete_session", own("session")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        await add_key(session, world.harness.runtime.secret, now)
        for player in world.people:
            assert player.caller is not None
            player.own["session"] = player.caller.session_id
            session.add(
                LoginSession(
                    id=player.own["session"],
                    person_id=player.person_id,
                    started_at=now,
                    last_used_at=now,
                    transport="body",
                )
            )
