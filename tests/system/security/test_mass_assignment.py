"""Fields that nobody offered: every column of every table of a service, posted to everything that takes a body."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from qunxue.documents import service_openapi
from qunxue.installed import service
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.recipe import Call, Case

together = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 80
"""Fields in one request: a problem names only so many."""
WHO = ("W", "A", "S", "M")
"""Callers of whom one at least may do each thing."""


def columns(name: str) -> set[str]:
    """Every column of every table of a service."""
    return {column.name for one in service(name).base.metadata.tables.values() for column in one.columns}


def bodies(name: str) -> Iterator[tuple[str, set[str]]]:
    """Each operation that takes a JSON object, with the fields it offers."""
    document = service_openapi(name)
    for methods in document["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                offered: set[str] = set()
                for schema in _objects(document, content["application/json"]["schema"]):
                    offered |= set(schema.get("properties", {}))
                yield operation["operationId"], offered


def _objects(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The object a body is; `Body | None` has a null beside it."""
    if "$ref" in schema:
        return [document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]]
    return [found for one in schema.get("oneOf", []) for found in _objects(document, one)] or [schema]


@pytest.mark.parametrize("name", SERVICES)
def test_every_object_in_a_request_says_that_it_takes_nothing_else(name):
    document = service_openapi(name)
    open_ones = set()
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                open_ones |= set(_open(document, content.get("schema", {}), operation["operationId"], set()))
    assert open_ones == set()


def _open(document: Any, schema: Any, where: str, seen: set[str]) -> Iterator[str]:
    """Objects with named fields that take others too."""
    if isinstance(schema, list):
        for part in schema:
            yield from _open(document, part, where, seen)
    elif isinstance(schema, dict):
        if "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            name = schema["$ref"].rpartition("/")[2]
            yield from _open(document, document["components"]["schemas"][name], name, seen)
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield where
        for part in schema.values():
            yield from _open(document, part, where, seen)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(name, tmp_path_factory):
    async with world_of(name, tmp_path_factory.mktemp(name)) as made:
        yield made


@together
@pytest.mark.parametrize("name", [name for name in SERVICES if features(name)], scope="module")
async def test_no_column_can_be_set_by_naming_it(name, world):
    wrong = []
    for operation, offered in bodies(name):
        extras = sorted(columns(name) - offered)
        tried = 0
        for column, call in _calls(world, name, operation):
            client = world.players[column].client
            if (await _with(client, call, ["no_field_of_any_table"])).status_code in {403, 404}:
                continue
            tried += 1
            taken: set[str] = set()
            for some in batched(extras, AT_ONCE):
                answer = await _with(client, call, some)
                taken |= set(some) - _refused_fields(answer)
            if taken:
                wrong.append(f"{operation}: took {sorted(taken)}")
            if world.frozen.changed():
                wrong.append(f"{operation}: changed something")
                world.frozen.put_back()
        if not tried:
            wrong.append(f"{operation}: nobody could try it")
    assert wrong == []


async def _with(client: httpx.AsyncClient, call: Call, fields: Sequence[str]) -> httpx.Response:
    body = (call.json or {}) | dict.fromkeys(fields)
    options: dict[str, Any] = {"params": dict(call.params), "headers": dict(call.headers)}
    return await client.request(call.method, call.path, json=body, **options)


def _refused_fields(answer: httpx.Response) -> set[str]:
    if answer.status_code != 422:
        return set()
    return {error["pointer"].rpartition("/")[2] for error in answer.json().get("errors", [])}


def batched(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """A few at a time."""
    return (names[start : start + size] for start in range(0, len(names), size))


def _calls(world: Any, name: str, operation: str) -> Iterator[tuple[str, Call]]:
    for recipe in recipes(name)[operation]:
        for column in ("N",) if recipe.public else WHO:
            for whose in recipe.whose:
                call = recipe.call(world, Case(world.players[column], whose, "home", next(iter(recipe.variants))))
                if call is not None:
                    yield column, call
