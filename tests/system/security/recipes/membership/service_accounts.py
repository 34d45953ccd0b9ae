from typing import Any

from services.membership.service_accounts.models import ServiceAccount
from tests.system.security.recipe import recipe, thing
from tests.system.security.world import World

PROGRAM = thing("program")
WRONG = {"client_id": "00000000-0000-7000-8000-000000000000", "client_secret": "x"}

RECIPES = [
    recipe("create_token", body=WRONG, public="the account's secret is what is shown"),
    recipe("create_service_account", body={"name": "a program", "scopes": ["people.read"]}),
    recipe("list_service_accounts", shows=PROGRAM),
    recipe("read_service_account", PROGRAM),
    recipe("rotate_service_account_secret", PROGRAM),
    recipe("revoke_service_account", PROGRAM),
]


async def prepare(world: World) -> None:
    world.things["program"] = world.players["svc"].person_id
    row: dict[str, Any] = {"name": "program", "scopes": [], "created_by": "system", "created_at": world.harness.clock()}
    async with world.transaction() as session:
        session.add(ServiceAccount(id=world.things["program"], **row))
