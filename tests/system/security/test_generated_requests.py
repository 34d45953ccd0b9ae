"""Requests that Schemathesis makes from the documents, right ones and wrong ones: each is answered as its operation declares.

Bounded and seeded, so that the same requests come every time. The clients of a world hold every answer against the document, so
an undeclared status, problem, header or form fails here.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode

from chassis.settings import SERVICES
from qunxue.documents import service_openapi
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features, recipes
from tests.system.security.operations import PARTS, operations
from tests.system.security.recipe import Case
from tests.system.security.world import World

pytestmark = pytest.mark.slow
together = pytest.mark.asyncio(loop_scope="module")

schemathesis.serializer.alias("message/rfc822", "application/octet-stream")

EXAMPLES = 4
"""Of each operation, right and wrong ones each; half of them at a path that exists."""
CALLERS = ("W", "A", "M")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(name: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    async with world_of(name, tmp_path_factory.mktemp(name)) as made:
        yield made


@together
@pytest.mark.parametrize("name", [name for name in PARTS if features(name)], scope="module")
async def test_whatever_is_sent_is_answered_as_declared(name: str, world: World):
    wrong, sent, statuses, tried = [], 0, set(), set()
    for operation, cases in generated(name):
        for number, case in enumerate(cases):
            path, column = place_of(world, name, operation, case, number)
            try:
                answer = await send(world.player(column, "").client, case, path)
            except AssertionError as undeclared:
                wrong.append(f"{operation}: {str(undeclared)[:500]}")
                continue
            sent += 1
            tried.add(operation)
            statuses.add(answer.status_code)
            if answer.status_code >= 500:
                wrong.append(f"{operation} answered {answer.status_code}: {case.body!r}")
        if world.frozen.changed():
            world.frozen.put_back()
    assert wrong == []
    assert tried == {one.id for one in operations([name])}
    assert sent > EXAMPLES
    assert {200, 422} | ({404} if name in SERVICES else set()) <= statuses


def generated(name: str) -> Iterator[tuple[str, list[Any]]]:
    """The requests of every operation."""
    for found in schemathesis.openapi.from_dict(service_openapi(name)).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        cases: list[Any] = []
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            collect(operation.as_strategy(generation_mode=mode), cases)
        yield operation.definition.raw["operationId"], cases


def collect(strategy: Any, into: list[Any]) -> None:
    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def take(case: Any) -> None:
        into.append(case)

    try:
        take()
    except Unsatisfiable:
        # An operation that takes nothing cannot be asked wrongly.
        return


def place_of(world: World, name: str, operation: str, case: Any, number: int) -> tuple[str, str]:
    """The generated path, or one that exists, and who asks there."""
    for recipe in recipes(name).get(operation, ()) if number % 2 else ():
        for column in CALLERS:
            for whose in recipe.whose:
                call = recipe.call(world, Case(world.players[column], whose, "home", next(iter(recipe.variants))))
                if call is not None:
                    return call.path, column
    return case.formatted_path, CALLERS[number % len(CALLERS)]


async def send(client: httpx.AsyncClient, case: Any, path: str) -> httpx.Response:
    headers = {key: value for key, value in (case.headers or {}).items() if key != "Authorization" and sendable(value)}
    content = None
    if not isinstance(case.body, NotSet):
        headers["Content-Type"] = case.media_type or "application/json"
        content = case.body if isinstance(case.body, bytes) else text_of(case.body).encode("utf-8", "surrogatepass")
    query = {key: value if isinstance(value, list) else str(value) for key, value in (case.query or {}).items()}
    return await client.request(case.method, path, params=query, headers=headers, content=content)


def text_of(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def sendable(value: Any) -> bool:
    """What a header can hold."""
    return isinstance(value, str) and value.isprintable() and value.isascii()
