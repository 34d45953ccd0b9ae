"""What others build on, of the API documents: without the words, as it is kept of the last release.

    python -m tests.support.surface

keeps today's as those of the last release (`make released`), and forgets what was allowed to break on the way there.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.messaging.asyncapi import schema_of
from qunxue.contract_documents import published_types
from qunxue.documents import merged_openapi
from tests.support.needs import ROOT

Surface = dict[str, dict[str, Any]]
FOLDER = ROOT / "tests" / "contract" / "released"
ALLOWED = FOLDER / "allowed.toml"
NOTHING_ALLOWED = "# What breaks others' code since the last release, and why it may: CONTRIBUTING.md, A release.\n"
_PLACE = "#/components/schemas/"
_WORDS = frozenset({"description", "summary", "title", "examples", "example"})


def of_operations(document: Mapping[str, Any]) -> Surface:
    """Every operation by its method and path."""
    return {
        f"{method.upper()} {path}": _operation(one)
        for path, methods in sorted(document["paths"].items())
        for method, one in methods.items()
    }


def of_schemas(document: Mapping[str, Any]) -> Surface:
    """Every named schema, and whether it is asked for, answered, or both."""
    operations = of_operations(document)
    schemas = document["components"]["schemas"]
    asked = reached([[one["parameters"], one["body"]] for one in operations.values()], schemas)
    answered = reached([one["answers"] for one in operations.values()], schemas) | {"Problem", "ProblemFieldError"}
    return {
        name: {"asked": name in asked, "answered": name in answered, "schema": without_words(schema)}
        for name, schema in sorted(schemas.items())
    }


def of_problems(document: Mapping[str, Any]) -> Surface:
    """The statuses under which each problem comes."""
    found: dict[str, set[str]] = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for code in response.get("x-problem-codes", ()):
                    found.setdefault(code, set()).add(status)
    for one in document["x-gateway-problems"]:
        found.setdefault(one["code"], set()).add(str(one["status"]))
    return {code: {"statuses": sorted(statuses)} for code, statuses in sorted(found.items())}


def of_messages() -> Surface:
    """Every integration event by its type."""
    return {
        one.TYPE: {
            "topic": one.TOPIC,
            "subject": one.SUBJECT_FIELD,
            "key": one.KEY_FIELD,
            "schema": without_words({k: v for k, v in schema_of(one).items() if not k.startswith("$schema")}),
        }
        for one in published_types()
    }


def today() -> dict[str, Surface]:
    """The files that a release keeps."""
    document = merged_openapi()
    return {
        "operations": of_operations(document),
        "schemas": of_schemas(document),
        "problems": of_problems(document),
        "messages": of_messages(),
    }


def released() -> dict[str, Surface]:
    """The same as the last release had them."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}


def without_words(node: Any) -> Any:
    """What a program goes by. A property may be called `title`."""
    if isinstance(node, list):
        return [without_words(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: without_words(one) for name, one in value.items()} if key == "properties" else without_words(value)
        for key, value in node.items()
        if key not in _WORDS
    }


def reached(node: Any, schemas: Mapping[str, Any]) -> set[str]:
    """The named schemas that something refers to, by way of others too."""
    found: set[str] = set()
    waiting = list(_references(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _references(one)
    elif isinstance(node, dict):
        if str(node.get("$ref", "")).startswith(_PLACE):
            yield node["$ref"].removeprefix(_PLACE)
        for one in node.values():
            yield from _references(one)


def _operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {})
    responses = operation["responses"]
    return {
        "id": operation["operationId"],
        "tags": operation["tags"],
        "permission": operation.get("x-permission"),
        "parameters": {
            f"{one['in']} {one['name']}": {
                "required": one.get("required", False),
                "schema": without_words(one["schema"]),
            }
            for one in operation.get("parameters", ())
        },
        "body": {"required": body.get("required", False), "content": _content(body)},
        "answers": {status: _content(one) for status, one in responses.items() if status < "400"},
        "headers": {status: sorted(one["headers"]) for status, one in responses.items() if one.get("headers")},
    }


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: without_words(one.get("schema", {})) for kind, one in body.get("content", {}).items()}


def _lines(surface: Surface) -> str:
    """A line for each thing, so that a change of the file shows what has changed."""
    rows = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in surface.items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    for name, surface in today().items():
        (FOLDER / f"{name}.json").write_text(_lines(surface), encoding="utf-8")
    ALLOWED.write_text(NOTHING_ALLOWED, encoding="utf-8")
    print(f"kept in {FOLDER.relative_to(ROOT)}")
