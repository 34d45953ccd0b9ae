"""Every operation, tried by a caller of every column, on their own and on others' things, against the table kept by hand."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.system.security.casts.opening import world_of
from tests.system.security.features import recipes, tried_services
from tests.system.security.matrix import complaint, verdict_on
from tests.system.security.operations import CALLERS, Operation, by_id, table
from tests.system.security.recipe import Recipe
from tests.system.security.world import World

together = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", params=tried_services())
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world_of(service, tmp_path_factory.mktemp(service)) as made:
        yield made


@together
@pytest.mark.parametrize("column", CALLERS)
async def test_a_caller_may_do_what_the_table_says_and_nothing_else(service: str, world: World, column: str) -> None:
    """Fail with everything that was answered otherwise, or that changed something though it was refused."""
    found: list[str] = []
    for name, ways in recipes(service).items():
        for way in ways:
            if not way.public:
                found += await _tried(world, by_id()[name], way, column)
    if found:
        pytest.fail(f"as {column}:\n" + "\n".join(found), pytrace=False)


@together
@pytest.mark.parametrize("service", ["gateway"], scope="module")
async def test_an_owner_reads_the_audit_of_their_community_and_not_of_all(service: str, world: World) -> None:
    owner = world.player("W", "audit.read").client
    assert (await owner.get("/v1/audit")).status_code == 403


async def _tried(world: World, operation: Operation, recipe: Recipe, column: str) -> list[str]:
    row = recipe.row or operation.permission
    player = world.player(column, operation.permission)
    found = []
    for case in recipe.cases(player, table()[row]):
        call = recipe.call(world, case)
        if call is None:
            continue
        verdict = verdict_on(recipe, operation.permission, table(), case)
        answer = await call.send(player.client)
        wrong = complaint(verdict, recipe, case, call, answer)
        if wrong is None and verdict in {"refused", "revoked"} and world.frozen.changed() and call.method != "GET":
            wrong = f"was refused with {answer.status_code} and changed something"
        if world.frozen.changed():
            world.frozen.put_back()
        if wrong is not None:
            found.append(f"{operation.id} {case.whose} {case.place} {case.variant or ''} of {row}: {wrong}")
    return found
