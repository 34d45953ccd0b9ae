"""Where an operation takes an id, by its document: in the path, in the query, and anywhere in the body, nested and in lists."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from qunxue.documents import service_openapi
from tests.system.security.operations import by_id
from tests.system.security.recipe import Call

Place = tuple[str | int, ...]
"""`path`, `query` or `body`, then names; 0 is any item of a list."""


def documented(service: str) -> dict[str, set[Place]]:
    """Of every operation of a service the places of its ids."""
    document = service_openapi(service)
    found: dict[str, set[Place]] = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            places = found.setdefault(operation["operationId"], set())
            for one in operation.get("parameters", []):
                if one["in"] in {"path", "query"}:
                    places |= set(_ids(document, one["schema"], (one["in"], one["name"])))
            for content in operation.get("requestBody", {}).get("content", {}).values():
                places |= set(_ids(document, content.get("schema", {}), ("body",)))
    return found


def _ids(document: Any, schema: Any, at: Place, inside: tuple[str, ...] = ()) -> Iterator[Place]:
    if "$ref" in schema:
        if schema["$ref"] not in inside:
            name = schema["$ref"].rpartition("/")[2]
            yield from _ids(document, document["components"]["schemas"][name], at, (*inside, schema["$ref"]))
        return
    if schema.get("format") == "uuid":
        yield at
    for kind in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(kind, []):
            yield from _ids(document, one, at, inside)
    for name, one in schema.get("properties", {}).items():
        yield from _ids(document, one, (*at, name), inside)
    if "items" in schema:
        yield from _ids(document, schema["items"], (*at, 0), inside)


def places_with(call: Call, ids: Mapping[str, str]) -> set[Place]:
    """The places at which a call has one of these ids."""
    template = by_id()[call.operation].path
    values = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), call.path)
    assert values is not None, call.path
    found: set[Place] = {
        ("path", name)
        for name, value in zip(re.findall(r"\{(\w+)\}", template), values.groups(), strict=True)
        if value in ids
    }
    found |= {at for at, value in _values(call.json, ("body",)) if str(value) in ids}
    for name, value in call.params.items():
        if str(value) in ids:
            found |= {("query", name), ("query", name, 0)}
    return found


def _values(value: Any, at: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _values(one, (*at, name))
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, (*at, 0))
    else:
        yield at, value


def filled(call: Call, place: Place, value: str) -> Call:
    """The call with this value at a place, whether anything was there or not."""
    where, *at = place
    match where:
        case "path":
            parts, template = call.path.split("/"), by_id()[call.operation].path.split("/")
            parts[template.index(f"{{{at[0]}}}")] = value
            return replace(call, path="/".join(parts))
        case "query":
            return replace(call, params={**call.params, str(at[0]): value})
    return replace(call, json=_with(call.json, at, value))


def _with(body: Any, at: list[str | int], value: str) -> Any:
    if not at:
        return value
    first, *rest = at
    if first == 0:
        return [_with(body[0] if isinstance(body, list) and body else None, rest, value)]
    inside = body if isinstance(body, dict) else {}
    return inside | {first: _with(inside.get(first), rest, value)}


def pointer_of(place: Place) -> str:
    """How a refusal names a place."""
    where, *at = place
    return "".join(f"/{one}" for one in at) if where == "body" else f"#/{where}/{at[0]}"
