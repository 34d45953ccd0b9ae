"""Every operation, tried by a caller of every column, on his own and on others' things, against the table kept by hand."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chassis.security.permissions import COLUMNS, catalogue
from chassis.settings import SERVICES
from tests.system.security import cast_gamification, cast_gateway, cast_membership
from tests.system.security.cast_membership import ALL_SCOPES, membership_world
from tests.system.security.matrix import CALLERS, Operation, Recipe, complaint, operations, table, verdict_on
from tests.system.security.recipes_communities import communities
from tests.system.security.recipes_gamification import gamification
from tests.system.security.recipes_gateway import gateway
from tests.system.security.recipes_people import people

together = pytest.mark.asyncio(loop_scope="module")

TABLE = table()
ALL_SCOPES.update(TABLE)

RECIPES: dict[str, dict[str, list[Recipe]]] = {
    "membership": people.by_operation | communities.by_operation,
    "gamification": gamification.by_operation,
    "gateway": gateway.by_operation,
}

OPERATIONS = operations((*SERVICES, "gateway"))
BY_ID = {operation.id: operation for operation in OPERATIONS}

WITHOUT_PERMISSION = {
    "create_session": "log-in",
    "refresh_session": "the refresh token is what is shown",
    "activate_account": "the code is what is shown",
    "request_password_reset": "whoever asks is answered alike",
    "confirm_password_reset": "the code is what is shown",
    "create_token": "the account's secret is what is shown",
    "read_key_set": "public keys",
    "read_landing": "the link's token is what is shown",
    "read_landing_qr": "the link's token is what is shown",
}
"""The operations that need no permission, each with its reason."""


def test_every_operation_needs_a_permission_or_has_a_reason_to_need_none() -> None:
    without = {one.id for one in OPERATIONS if one.permission in {None, "public", "logged_in"}}
    assert without == set(WITHOUT_PERMISSION)


def test_every_permission_of_an_operation_has_a_row() -> None:
    assert {one.permission for one in OPERATIONS if one.id not in WITHOUT_PERMISSION} <= set(TABLE)


def test_every_declared_permission_is_declared_as_the_table_has_it() -> None:
    symbols = {"name": "-", "owner": "y", "lecturer, mentor, moderator": "y", "asker": "o"}
    for name, declared in catalogue.items():
        row = {column: symbols.get(cell, cell) for column, cell in TABLE[name].items()}
        cells = dict(
            zip(COLUMNS, ("/".join(sorted(reach, reverse=True)) or "-" for reach in declared.cells), strict=True)
        )
        assert cells == row, name


def test_every_operation_with_a_permission_has_a_recipe() -> None:
    tried = {name for recipes in RECIPES.values() for name in recipes}
    assert {one.id for one in OPERATIONS} - set(WITHOUT_PERMISSION) == tried


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def membership(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[cast_membership.World]:
    async with membership_world(tmp_path_factory.mktemp("membership")) as world:
        yield world


@together
@pytest.mark.parametrize("column", CALLERS)
async def test_in_membership_a_caller_may_do_what_the_table_says_and_nothing_else(
    membership: cast_membership.World, column: str
) -> None:
    await all_is_as_the_table_says(membership, "membership", column)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gaming(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[cast_gamification.World]:
    folder = tmp_path_factory.mktemp("gamification")
    async with cast_gamification.gamification_world(folder, ALL_SCOPES) as world:
        yield world


@together
@pytest.mark.parametrize("column", CALLERS)
async def test_in_gamification_a_caller_may_do_what_the_table_says_and_nothing_else(
    gaming: cast_gamification.World, column: str
) -> None:
    await all_is_as_the_table_says(gaming, "gamification", column)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def entrance(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[cast_gateway.World]:
    async with cast_gateway.gateway_world(tmp_path_factory.mktemp("gateway")) as world:
        yield world


@together
@pytest.mark.parametrize("column", CALLERS)
async def test_at_the_gateway_a_caller_may_do_what_the_table_says_and_nothing_else(
    entrance: cast_gateway.World, column: str
) -> None:
    await all_is_as_the_table_says(entrance, "gateway", column)


@together
async def test_an_owner_reads_the_audit_of_his_community_and_not_of_all(entrance: cast_gateway.World) -> None:
    owner = entrance.player("W", "audit.read").client
    assert (await owner.get("/v1/audit")).status_code == 403


async def all_is_as_the_table_says(world: Any, service: str, column: str) -> None:
    """Fail with everything that was answered otherwise, or that changed something though it was refused."""
    found: list[str] = []
    for name, recipes in RECIPES[service].items():
        operation = BY_ID[name]
        for recipe in recipes:
            found += await _tried(world, operation, recipe, column)
    if found:
        pytest.fail(f"as {column}:\n" + "\n".join(found), pytrace=False)


async def _tried(world: Any, operation: Operation, recipe: Recipe, column: str) -> list[str]:
    assert operation.permission is not None
    row = recipe.row or operation.permission
    player = world.player(column, row if recipe.row is None else operation.permission)
    found = []
    for case in recipe.cases(player, TABLE[row]):
        call = recipe.make(world, case)
        if call is None:
            continue
        verdict = verdict_on(recipe, operation.permission, TABLE, case)
        answer = await call.send(player.client)
        wrong = complaint(verdict, recipe, case, call, answer)
        if wrong is None and verdict in {"refused", "revoked"} and world.frozen.changed() and call.method != "GET":
            wrong = f"was refused with {answer.status_code} and changed something"
        if world.frozen.changed():
            world.frozen.put_back()
        if wrong is not None:
            found.append(f"{operation.id} {case.whose} {case.place} {case.variant or ''} of {row}: {wrong}")
    return found
