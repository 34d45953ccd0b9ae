"""Every operation that changes something, sent several times at the same moment, on both databases: nobody meets a 5xx, and what can
be had once is had once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, insert, select

from chassis.database.engine import Database
from chassis.database.migrations import migrate
from chassis.settings import SERVICES
from services.membership.keys.service import add_key
from tests.support.light import lightened
from tests.system.security.casts.opening import world_of
from tests.system.security.features import allowed_calls, features
from tests.system.security.matrix import found
from tests.system.security.operations import Operation, operations
from tests.system.security.recipe import Call
from tests.system.security.recipes.membership.credentials import PASSWORD
from tests.system.security.world import Player, World

together = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 5
ROUNDS = 2
CHANGING = [one for one in operations(SERVICES) if one.method in {"POST", "PUT", "PATCH"}]

MORE_THAN_ONCE = {
    "create_session": "each is a log-in of its own",
    "create_token": "each is a token of its own",
    "refresh_session": "a token used at once in two tabs gives each a successor",
    "advance_application": "each is a step of the campaign",
    "change_people_in_batch": "each code voids the one before",
    "create_activation_code": "each voids the one before",
    "create_password_reset_code": "each voids the one before",
    "create_campaign": "a campaign's title is not unique",
    "add_campaign_form": "each is a version",
    "publish_charter": "what says the same makes no version",
    "put_earning_rule": "what says the same makes no version",
    "create_checkin": "again on the same day changes nothing",
    "make_up_checkin": "again for the same day changes nothing",
    "batch_members": "again into the same cohort changes nothing",
    "rotate_service_account_secret": "each is a secret of its own",
    "import_people": "each is a job",
    "import_departments": "each is a job",
    "import_members": "each is a job",
    "import_checkins": "each is a job",
    "request_password_reset": "whoever asks is answered alike",
}
"""What may succeed each time, and why. Everything else succeeds once."""


# --- the worlds of the authorization matrix, on either database ------------------------------------------------------


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Ground:
    """A world that can be put back after each round."""

    def __init__(self, world: World, carried: "Carried | None") -> None:
        self.world = world
        self._carried = carried

    async def put_back(self) -> None:
        if self._carried is None:
            self.world.frozen.put_back()
        else:
            await self._carried.put_back()


class Carried:
    """What a world's SQLite file holds, in a database on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[Any, list[dict[str, Any]]] = {}

    async def read(self, origin: Database) -> None:
        async with origin.reading() as session:
            for each in self.database.tables.metadata.sorted_tables:
                counted = {column.name for column in each.columns if column.autoincrement is True}
                found_rows = (await session.execute(select(each))).mappings()
                self.rows[each] = [{name: row[name] for name in row if name not in counted} for row in found_rows]

    async def put_back(self) -> None:
        async with self.database.transaction() as session:
            for each in reversed(self.rows):
                await session.execute(delete(each))
            for each, rows in self.rows.items():
                if rows:
                    await session.execute(insert(each), rows)


@asynccontextmanager
async def grounded(world: World, kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    runtime = world.harness.runtime
    if kind == "sqlite":
        yield Ground(world, None)
        return
    server = request.getfixturevalue("postgres_server")
    name = f"races_{runtime.name}"
    origin, there = (
        runtime.database,
        lightened(Database(server.create_database(name), runtime.service.tables, runtime=runtime)),
    )
    await migrate(there, runtime.service)
    carried = Carried(there)
    await carried.read(origin)
    await carried.put_back()
    runtime.database = there
    yield Ground(world, carried)
    runtime.database = origin
    await there.dispose()
    server.drop_database(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Ground]]:
    folder = tmp_path_factory.mktemp("races")
    async with AsyncExitStack() as stack:
        opened = {}
        for name in SERVICES:
            if features(name):
                world = await stack.enter_async_context(world_of(name, folder))
                opened[name] = await stack.enter_async_context(grounded(world, kind, request))
        yield opened


# --- what is sent ----------------------------------------------------------------------------------------------------


async def without_permission(world: World, operation: Operation) -> Call | None:
    """What whoever has a password, a code or a secret sends."""
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
    return None


async def race(player: Player, call: Call) -> list[int]:
    """The statuses of several who send the same at the same moment."""
    answers = await asyncio.gather(*(call.send(player.client) for _ in range(AT_ONCE)))
    return sorted(found(call, answer)[0] for answer in answers)


@together
@pytest.mark.parametrize("operation", CHANGING, ids=[one.id for one in CHANGING])
async def test_who_come_at_the_same_moment_are_all_answered(grounds: dict[str, Ground], operation: Operation) -> None:
    ground = grounds[operation.service]
    world, sent = ground.world, 0
    for _ in range(ROUNDS):
        if operation.is_open:
            call = await without_permission(world, operation)
            tries = [(world.players["N"], call)] if call is not None else []
        else:
            tries = list(allowed_calls(world, operation.id))
        for player, call in tries:
            statuses = await race(player, call)
            done = sum(200 <= status < 300 for status in statuses)
            least, most = 0 if call.also else 1, AT_ONCE if operation.id in MORE_THAN_ONCE else 1
            assert max(statuses) < 500, (call, statuses)
            assert least <= done <= most, (call, statuses)
            sent += 1
            await ground.put_back()
    assert sent, "nothing says how this is sent"


def test_what_may_be_done_more_than_once_is_there() -> None:
    assert set(MORE_THAN_ONCE) <= {one.id for one in CHANGING}
