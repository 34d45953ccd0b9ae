"""How an operation is called that needs no permission, so that it does what it is for."""

from services.membership.keys.service import add_key
from tests.system.security.features import allowed_calls, recipes
from tests.system.security.operations import Operation
from tests.system.security.recipe import Call, Case
from tests.system.security.recipes.membership.credentials import PASSWORD
from tests.system.security.world import Player, World


async def open_call(world: World, operation: Operation) -> Call:
    """What whoever has a password, a code or a secret sends. The code or secret is made in the world, so it is good for once."""
    if operation.service != "membership":
        return _as_recipes_say(world, operation)
    runtime = world.harness.runtime
    async with runtime.database.transaction() as session:
        await add_key(session, runtime.secret, runtime.clock())
    admin, fresh = world.players["A"], world.things["fresh"]
    number = f"k{world.players['neighbour'].person_id.hex}"
    match operation.id:
        case "create_session":
            return Call(operation.id, "POST", "/v1/sessions", json={"login": number, "password": PASSWORD})
        case "refresh_session":
            begun = await admin.client.post("/v1/sessions", json={"login": number, "password": PASSWORD})
            return Call(
                operation.id, "POST", "/v1/sessions/refresh", json={"refresh_token": begun.json()["refresh_token"]}
            )
        case "activate_account":
            issued = await admin.client.post(f"/v1/people/{fresh}/activation")
            body = {"code": issued.json()["code"], "password": "another good long one"}
            return Call(operation.id, "POST", "/v1/activations", json=body)
        case "confirm_password_reset":
            issued = await admin.client.post(f"/v1/people/{world.things['activated']}/password-reset-code")
            body = {"code": issued.json()["code"], "password": "another good long one"}
            return Call(operation.id, "POST", "/v1/password-resets/confirm", json=body)
        case "request_password_reset":
            return Call(operation.id, "POST", "/v1/password-resets", json={"login": number})
        case "create_token":
            made = await admin.client.post("/v1/service-accounts", json={"name": "racer", "scopes": ["people.read"]})
            body = {"client_id": made.json()["id"], "client_secret": made.json()["secret"]}
            return Call(operation.id, "POST", "/v1/tokens", json=body)
    return _as_recipes_say(world, operation)


def _as_recipes_say(world: World, operation: Operation) -> Call:
    way = recipes(operation.service)[operation.id][0]
    call = way.call(world, Case(world.players["N"]))
    assert call is not None, f"nothing says how {operation.id} is sent"
    return call


async def ways(world: World, operation: Operation) -> list[tuple[Player, Call]]:
    """Each way to call an operation that must work, and by whom."""
    if operation.is_open:
        return [(world.players["N"], await open_call(world, operation))]
    return list(allowed_calls(world, operation.id))
