"""Values that are odd and not wrong, or wrong in ways that nobody thinks of, wherever an operation takes a value: no 5xx, and as declared.

Each stands once in place of every value of every body, as raw JSON, and of every parameter of every path. The clients of a world hold every answer
against the document.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features
from tests.system.security.open_calls import ways
from tests.system.security.operations import operations
from tests.system.security.recipe import Call
from tests.system.security.world import World

pytestmark = pytest.mark.slow
together = pytest.mark.asyncio(loop_scope="module")

ODD = {
    '"研发部\\ud869\\udf8e"': "beyond Latin, and beyond 16 bits",
    '"\\u3164\\u0301"': "nothing to see",
    '"\\ud800"': "half a character",
    "1e400": "beyond all numbers",
    "9223372036854775808": "beyond 64 bits",
    '"9999-12-31T23:59:59-14:00"': "beyond the calendar, once it is UTC",
    '{"a": {"b": 1, "b": 2}}': "a name given twice, deep inside",
}
ODD_IN_PATHS = ("%E7%A0%94%F0%AA%9E%8E", "%E3%85%A4", "%FF", "%00", "99999999999999999999", "9999-12", "-0")
MOST = 20
"""Places in one body."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(name: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    async with world_of(name, tmp_path_factory.mktemp(name)) as made:
        yield made


@together
@pytest.mark.parametrize("name", [name for name in SERVICES if features(name)], scope="module")
async def test_no_value_wherever_it_stands_is_answered_with_a_fault(name: str, world: World):
    wrong: list[str] = []
    for operation in operations([name]):
        player, call = (await ways(world, operation))[0]
        for what, path, body in odd(call, operation.path):
            try:
                answer = await player.client.request(
                    call.method, path, params=dict(call.params), headers=headers_of(call), content=body
                )
                if answer.status_code >= 500:
                    wrong.append(f"{operation.id}, {what}: {answer.text[:300]}")
            except AssertionError as undeclared:
                wrong.append(f"{operation.id}, {what}: {str(undeclared)[:300]}")
            if world.frozen.changed():
                world.frozen.put_back()
    assert wrong == []


def headers_of(call: Call) -> dict[str, str]:
    return ({"Content-Type": "application/json"} if call.json is not None else {}) | dict(call.headers)


def odd(call: Call, template: str) -> Iterator[tuple[str, str, bytes | None]]:
    """What is odd, where it is sent, and the body."""
    body = call.content if call.json is None else json.dumps(call.json).encode()
    for number, segment in enumerate(template.split("/")):
        for value in ODD_IN_PATHS if segment.startswith("{") else ():
            parts = call.path.split("/")
            parts[number] = value
            yield f"{value} in the path", "/".join(parts), body
    for place in list(places(call.json))[:MOST] if call.json is not None else ():
        for value in ODD:
            yield f"{value} at {place}", call.path, with_value(call.json, place, value).encode()


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value[:1]):
            yield from places(one, (*at, key))


def with_value(body: Any, place: tuple[Any, ...], raw: str) -> str:
    if not place:
        return raw
    first, *rest = place
    items = body.items() if isinstance(body, dict) else enumerate(body)
    written = [(key, with_value(one, tuple(rest), raw) if key == first else json.dumps(one)) for key, one in items]
    if isinstance(body, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {one}" for key, one in written) + "}"
    return "[" + ", ".join(one for _, one in written) + "]"
