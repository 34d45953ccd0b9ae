"""The watch over answers sees what it is there for."""

from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from chassis.problems import RATE_LIMITED, ProblemType
from chassis.testing.answers import Declared, Undeclared
from tests.support.declarations import of_tests_only

with of_tests_only():
    FULL = ProblemType("box_full", 409, en="Full", zh="已满")
    LOST = ProblemType("box_lost", 502, en="Lost", zh="丢失")

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {name: {} for name in ("type", "title", "status", "code")},
    "additionalProperties": True,
}
BOX: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "made_at": {"type": "string", "format": "date-time"},
        "inner": {"anyOf": [{"$ref": "#/components/schemas/Box"}, {"type": "null"}]},
    },
}


def answers(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def refusals(*codes: str) -> dict[str, Any]:
    problem = answers({"$ref": "#/components/schemas/Problem"}, "application/problem+json")
    return problem | {"x-problem-codes": list(codes)}


BOXES = Declared(
    {
        "paths": {
            "/v1/boxes/{box_id}": {
                "post": {
                    "operationId": "make_box",
                    "responses": {
                        "201": answers({"$ref": "#/components/schemas/Box"})
                        | {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("Location", "ETag")}}
                    },
                },
                "get": {
                    "operationId": "read_box",
                    "responses": {"200": answers({"$ref": "#/components/schemas/Box"}), "409": refusals("box_full")},
                },
                "delete": {"operationId": "drop_box", "responses": {"204": {}}},
            },
            "/v1/boxes/largest": {"get": {"operationId": "read_largest", "responses": {"204": {}}}},
        },
        "components": {
            "schemas": {"Problem": PROBLEM, "Box": BOX},
            "headers": {"Location": {"required": True}, "ETag": {}},
        },
    },
    beside=[LOST],
)
ID = str(uuid4())


def answered(
    status: int,
    body: Any = None,
    *,
    method: str = "GET",
    path: str = f"/v1/boxes/{ID}",
    media_type: str = "",
    headers: dict[str, str] | None = None,
):
    refusal = status >= 400
    content = b"" if body is None else orjson.dumps(body)
    sort = media_type or ("application/problem+json" if refusal else "application/json")
    told = {"content-type": sort, **(headers or {})}
    return httpx.Response(status, content=content, headers=told, request=httpx.Request(method, f"http://test{path}"))


def refused(kind: ProblemType, **options: Any) -> httpx.Response:
    return answered(kind.status, kind().as_json("en"), **options)


@pytest.mark.parametrize(
    "answer",
    [
        answered(200, {"id": ID, "made_at": "2026-01-01T00:00:00Z", "inner": {"id": ID}}),
        refused(FULL),
        refused(LOST),
        answered(201, {"id": ID}, method="POST", headers={"Location": f"/v1/boxes/{ID}"}),
        answered(204, method="DELETE"),
        answered(204, path="/v1/boxes/largest"),
        answered(200, {"anything": 1}, path="/v1/nowhere"),
        refused(RATE_LIMITED, path="/v1/nowhere"),
    ],
    ids=[
        "a body",
        "a problem",
        "of the front",
        "made",
        "no body",
        "the literal path first",
        "elsewhere",
        "refused elsewhere",
    ],
)
def test_what_is_declared_passes(answer):
    BOXES.check(answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (answered(201, {"id": ID}), "does not declare this status"),
        (refused(RATE_LIMITED), "does not declare this status"),
        (answered(409, {**FULL().as_json("en"), "code": "box_closed"}), "does not declare box_closed"),
        (answered(502, {**LOST().as_json("en"), "code": "box_closed"}), "does not declare this status"),
        (answered(409, {"code": "box_full"}), '"title" is a required property'),
        (answered(200, {"id": ID, "colour": "red"}), "'colour' was unexpected"),
        (answered(200, {"id": ID, "inner": {"id": ID, "colour": "red"}}), "inner"),
        (answered(200, {"made_at": None}), '"id" is a required property'),
        (answered(200, {"id": "7"}), 'is not a "uuid"'),
        (answered(200, {"id": ID, "made_at": "2026-01-01T00:00:00"}), 'is not a "date-time"'),
        (answered(200), "declares a body"),
        (answered(200, {"id": ID}, media_type="text/csv"), "not text/csv"),
        (answered(204, {"id": ID}, method="DELETE"), "declares no body"),
        (answered(200, {"id": ID}, headers={"ETag": '"1"'}), "does not declare ETag"),
        (answered(201, {"id": ID}, method="POST"), "declares Location, which is not there"),
        (
            answered(201, {"id": ID}, method="POST", headers={"Location": "/v1/boxes"}),
            "leads to /v1/boxes, where nothing is read",
        ),
        (answered(404, {"code": "not_found"}, path="/v1/nowhere"), '"title" is a required property'),
    ],
)
def test_what_is_not_declared_fails_the_test(answer, said):
    with pytest.raises(Undeclared, match=said):
        BOXES.check(answer)


async def test_a_client_is_told_at_once():
    transport = httpx.MockTransport(lambda request: httpx.Response(418, request=request))
    async with httpx.AsyncClient(transport=transport, event_hooks={"response": [BOXES.hold]}) as client:
        with pytest.raises(Undeclared, match="read_box"):
            await client.get(f"http://test/v1/boxes/{ID}")


def test_a_client_without_a_loop_is_told_too():
    transport = httpx.MockTransport(lambda request: httpx.Response(418, request=request))
    client = httpx.Client(transport=transport, event_hooks={"response": [BOXES.hold_now]})
    with client, pytest.raises(Undeclared, match="read_box"):
        client.get(f"http://test/v1/boxes/{ID}")


async def test_what_nobody_declares_may_be_read_as_it_comes():
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(b"pieces")))
    client = httpx.AsyncClient(transport=transport, event_hooks={"response": [BOXES.hold]})
    async with client, client.stream("GET", "http://test/v1/nowhere") as answer:
        assert [piece async for piece in answer.aiter_raw()] == [b"pieces"]
