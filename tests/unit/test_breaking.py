"""Each change of the API that breaks others' code is named, and what only adds is not."""

import copy
from typing import Any

import pytest

from tests.support import surface
from tests.support.breaking import breaking

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "get": {
                "operationId": "list_things",
                "tags": ["Things"],
                "x-permission": "things.read",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 20}},
                    {"name": "sort", "in": "query", "schema": {"$ref": "#/components/schemas/Sort", "default": "name"}},
                ],
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        "headers": {"ETag": {}},
                    },
                    "404": {"x-problem-codes": ["not_found"]},
                },
            },
            "post": {
                "operationId": "make_thing",
                "tags": ["Things"],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ThingCreate"}},
                        "text/csv": {"schema": {"type": "string"}},
                    }
                },
                "responses": {"201": {}, "202": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Sort": {"type": "string", "enum": ["name", "age"]},
            "KnownColour": {"type": "string", "x-known-values": ["red", "green"]},
            "Thing": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "colour": {"$ref": "#/components/schemas/KnownColour"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["id"],
            },
            "ThingCreate": {
                "type": "object",
                "properties": {
                    "name": {"type": ["string", "null"], "maxLength": 40},
                    "size": {"type": "integer"},
                    "code": {"type": "string"},
                },
            },
            "Problem": {"type": "object"},
            "ProblemFieldError": {"type": "object"},
        }
    },
    "x-gateway-problems": [{"code": "overloaded", "status": 503}],
}

LIST, MAKE = ("paths", "/v1/things", "get"), ("paths", "/v1/things", "post")
SORT, COLOUR = ("components", "schemas", "Sort"), ("components", "schemas", "KnownColour")
THING, CREATE = ("components", "schemas", "Thing"), ("components", "schemas", "ThingCreate")
BODY = (*MAKE, "requestBody")
GONE = object()

BREAKS: list[tuple[tuple[Any, ...], Any, str]] = [
    (LIST, GONE, "GET /v1/things: the operation is gone"),
    ((*LIST, "operationId"), "things", "GET /v1/things: id list_things is things now"),
    ((*LIST, "x-permission"), "things.write", "GET /v1/things: permission things.read is things.write now"),
    ((*LIST, "tags"), ["Other"], "GET /v1/things: tag Things is gone"),
    ((*LIST, "parameters", 0), GONE, "GET /v1/things: query limit is gone"),
    ((*LIST, "parameters", 0, "required"), True, "GET /v1/things: query limit is required now"),
    ((*LIST, "parameters", 0, "schema", "default"), 50, "GET /v1/things query limit: default 20 is 50 now"),
    ((*LIST, "parameters", 0, "schema", "maximum"), 50, "GET /v1/things query limit: maximum 100 is 50 now"),
    ((*LIST, "parameters", 1, "schema", "default"), "age", "GET /v1/things query sort: default name is age now"),
    ((*LIST, "responses", "200", "headers"), {}, "GET /v1/things 200: header ETag is gone"),
    ((*LIST, "responses", "404"), GONE, "not_found: the problem is gone"),
    (("x-gateway-problems", 0, "status"), 429, "overloaded: does not come with 503 any more"),
    ((*MAKE, "responses", "202"), GONE, "POST /v1/things: answer 202 is gone"),
    ((*BODY, "required"), True, "POST /v1/things: a body is required now"),
    ((*BODY, "content", "text/csv"), GONE, "POST /v1/things body: text/csv is gone"),
    ((*SORT, "enum"), ["name"], "Sort: value age is gone"),
    ((*COLOUR, "x-known-values"), ["red"], "KnownColour: value green is gone"),
    ((*THING, "properties", "tags"), GONE, "Thing.tags: is gone"),
    ((*THING, "properties", "tags", "items", "type"), "integer", "Thing.tags[]: may be integer now"),
    ((*THING, "properties", "id", "type"), ["string", "null"], "Thing.id: may be null now"),
    ((*THING, "properties", "id", "format"), "date", "Thing.id: may be string date now"),
    ((*THING, "required"), [], "Thing.id: may be missing now"),
    ((*CREATE, "required"), ["name"], "ThingCreate.name: is required now"),
    ((*CREATE, "properties", "name", "type"), "string", "ThingCreate.name: does not take null any more"),
    ((*CREATE, "properties", "name", "maxLength"), 20, "ThingCreate.name: maxLength 40 is 20 now"),
    ((*CREATE, "properties", "size", "minimum"), 1, "ThingCreate.size: minimum none is 1 now"),
    ((*CREATE, "properties", "code", "pattern"), "^a", "ThingCreate.code: another pattern"),
    ((*CREATE, "properties", "code", "enum"), ["a"], "ThingCreate.code: only some values are allowed now"),
    (COLOUR, {"type": "integer"}, "KnownColour: may be integer now"),
]

ADDS: list[tuple[tuple[Any, ...], Any]] = [
    ((*LIST, "summary"), "All things"),
    ((*LIST, "parameters", 0, "schema", "maximum"), 200),
    ((*LIST, "responses", "409"), {"x-problem-codes": ["full"]}),
    ((*SORT, "enum"), ["name", "age", "size"]),
    ((*COLOUR, "x-known-values"), ["red", "green", "blue"]),
    ((*THING, "properties", "more"), {"type": "string"}),
    ((*THING, "required"), ["id", "tags"]),
    ((*CREATE, "properties", "more"), {"type": "string"}),
    ((*CREATE, "properties", "size"), {}),
    (("components", "schemas", "More"), {"type": "object"}),
]


def whole(document: dict[str, Any]) -> dict[str, surface.Surface]:
    return {
        "operations": surface.of_operations(document),
        "schemas": surface.of_schemas(document),
        "problems": surface.of_problems(document),
        "messages": {},
    }


def changed(place: tuple[Any, ...], value: Any) -> dict[str, surface.Surface]:
    document = copy.deepcopy(DOCUMENT)
    node: Any = document
    for step in place[:-1]:
        node = node[step]
    if value is GONE:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return whole(document)


@pytest.mark.parametrize(("place", "value", "sentence"), BREAKS, ids=[sentence for _, _, sentence in BREAKS])
def test_what_breaks_is_named(place, value, sentence):
    assert sentence in breaking(whole(DOCUMENT), changed(place, value))


@pytest.mark.parametrize(("place", "value"), ADDS, ids=["/".join(map(str, place)) for place, _ in ADDS])
def test_what_only_adds_breaks_nothing(place, value):
    assert breaking(whole(DOCUMENT), changed(place, value)) == []


def test_a_message_keeps_its_topic_subject_key_and_what_its_readers_know():
    before = {
        "topic": "qunxue.content",
        "subject": "thing_id",
        "key": "thing_id",
        "schema": {
            "properties": {"thing_id": {"type": "string"}, "by": {"$ref": "#/$defs/Actor"}},
            "required": ["thing_id"],
            "$defs": {"Actor": {"properties": {"name": {"type": "string"}}}},
        },
    }
    after = {
        "topic": "qunxue.content.restricted",
        "subject": "by",
        "key": "by",
        "schema": {"properties": {"thing_id": {"type": "string"}}, "$defs": {"Actor": {"properties": {}}}},
    }
    nothing: dict[str, surface.Surface] = {"operations": {}, "schemas": {}, "problems": {}}
    assert breaking({**nothing, "messages": {"made": before}}, {**nothing, "messages": {"made": after}}) == [
        "made: topic qunxue.content is qunxue.content.restricted now",
        "made: subject thing_id is by now",
        "made: key thing_id is by now",
        "made.by: is gone",
        "made.thing_id: may be missing now",
        "made Actor.name: is gone",
    ]
