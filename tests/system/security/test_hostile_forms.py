"""Forms that operators write are programs: what would fetch, loop or run for long is refused at once, and nothing is fetched."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.system.security.casts.opening import world_of
from tests.system.security.world import World

together = pytest.mark.asyncio(loop_scope="module")

CPU_SECONDS = 0.1
TRIES = 10
"""The least of them counts: the process cleans up after itself now and then."""


def _deep(levels: int) -> dict[str, Any]:
    form: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        form = {"type": "object", "properties": {"a": form}}
    return form


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _doubling(times: int) -> dict[str, Any]:
    """Twenty lines that ask for 2^20 checks."""
    steps = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(times)}
    return _object(a={"$ref": "#/$defs/d0"}) | {"$defs": steps | {f"d{times}": {"type": "string"}}}


def hostile(port: int) -> dict[str, dict[str, Any]]:
    """Forms by what is wrong with them; `port` is one that must never be connected to."""
    there = f"http://127.0.0.1:{port}/schema"
    return {
        "remote $ref": _object(a={"$ref": there}),
        "remote $ref at the root": {"type": "object", "$ref": there},
        "remote $ref without a scheme": _object(a={"$ref": f"//127.0.0.1:{port}/schema"}),
        "relative $ref under a remote $id": {"$id": there, **_object(a={"$ref": "other"})},
        "file $ref": _object(a={"$ref": "file:///etc/passwd"}),
        "remote $dynamicRef": _object(a={"$dynamicRef": there}),
        "remote $schema": {"$schema": there, "type": "object"},
        "remote $ref hidden in if": {"type": "object", "if": {"$ref": there}, "then": {}},
        "remote $ref hidden in not": _object(a={"not": {"$ref": there}}),
        "remote $ref in unused $defs": {"type": "object", "$defs": {"x": {"$ref": there}}},
        "recursive $ref": _object(a={"$ref": "#"}),
        "recursive $ref through $defs": _object(a={"$ref": "#/$defs/x"}) | {"$defs": {"x": {"$ref": "#/$defs/x"}}},
        "two that call each other": _object(a={"$ref": "#/$defs/x"})
        | {"$defs": {"x": {"allOf": [{"$ref": "#/$defs/y"}]}, "y": {"anyOf": [{"$ref": "#/$defs/x"}]}}},
        "doubling": _doubling(20),
        "pattern": _object(a={"type": "string", "pattern": "^(a+)+$"}),
        "pattern that is nothing": _object(a={"pattern": ""}),
        "patternProperties": {"type": "object", "patternProperties": {"^(a+)+$": {}}},
        "format regex": _object(a={"type": "string", "format": "regex"}),
        "pattern in propertyNames": {"type": "object", "propertyNames": {"pattern": "^(a|a)*$"}},
        "pattern in a branch": _object(a={"anyOf": [{"type": "null"}, {"pattern": "x"}]}),
        "pattern in unused $defs": {"type": "object", "$defs": {"x": {"pattern": "^(a+)+$"}}},
        "too deep": _deep(11),
        "far too deep": _deep(400),
        "too many properties": _object(**{f"p{n}": {} for n in range(201)}),
        "too large": _object(a={"description": "x" * 65_536}),
        "large enumeration": _object(a={"enum": [f"choice {n}" for n in range(20_000)]}),
        "no object": {"type": "array"},
        "no schema": {"type": "object", "properties": {"a": {"type": "of my own"}}},
        "numbers without end": _object(a={"multipleOf": 0}),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    async with world_of("membership", tmp_path_factory.mktemp("forms")) as made:
        yield made


@pytest.fixture
def silent(monkeypatch) -> Iterator[tuple[int, list[Any]]]:
    """A port on which a listener counts who comes, and every attempt of this process to reach anything."""
    attempts: list[Any] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, address: attempts.append(address))
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _socket, address: attempts.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_options: attempts.append(address))
    yield listener.getsockname()[1], attempts
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()


@together
@pytest.mark.parametrize("name", hostile(0))
async def test_a_hostile_form_is_refused_within_100_ms_and_nothing_is_fetched(world: World, silent, name):
    port, attempts = silent
    campaign = f"/v1/campaigns/{world.home.ids['campaign_draft']}/forms"
    owner = world.players["W"].client
    body = {"form": hostile(port)[name]}
    spent = [CPU_SECONDS]
    while min(spent) >= CPU_SECONDS and len(spent) <= TRIES:
        began = time.process_time()
        answer = await owner.post(campaign, json=body)
        spent.append(time.process_time() - began)
    changed = world.frozen.changed()
    if changed:
        world.frozen.put_back()
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] in {"form_refused", "invalid"}
    assert attempts == []
    assert min(spent) < CPU_SECONDS
    assert not changed


@together
async def test_a_harmless_form_is_taken(world: World):
    campaign = f"/v1/campaigns/{world.home.ids['campaign_draft']}/forms"
    form = _object(a={"$ref": "#/$defs/x"}) | {"$defs": {"x": {"type": "string", "maxLength": 9}}}
    answer = await world.players["W"].client.post(campaign, json={"form": form})
    assert answer.status_code == 201, answer.text
    world.frozen.put_back()
