"""The OpenAPI document of an application, as generators of clients want it: made once, at the first request for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_fields_from_routes, get_openapi_path
from pydantic import TypeAdapter
from starlette.routing import BaseRoute

from chassis.problems import MEDIA_TYPE, ProblemType
from chassis.web.declaration import PROBLEM_SCHEMA
from chassis.web.idempotency import REPLAYED
from chassis.web.json_schemas import Schemas
from chassis.web.operations import OperationRoute
from chassis.web.schemas import ProblemDocument

Document = dict[str, Any]
Contributions = Mapping[str, Mapping[str, Any]]
"""The types of properties that an application adds to schemas of the gateway's, by the name of the schema."""

CONTRIBUTES: Final = "x-contributes"
"""Where a document has them, for the merged document."""
PROBLEM_CODES: Final = "x-problem-codes"
"""The problems of a response."""

_HEADERS: Final = {
    "ETag": "The version of what is answered, for `If-Match`. Without it, the thing cannot be edited now, or the answer is a replayed one.",
    "Location": "Where the new thing is, or the job.",
    "Retry-After": "How many seconds to wait before another try.",
    "WWW-Authenticate": "How to prove who you are.",
    REPLAYED: "`true` if this is the answer of an earlier request with the same `Idempotency-Key`.",
}

_ALWAYS: Final = frozenset({"Location"})
"""Those that are in every answer whose operation declares them."""


def describe(app: FastAPI, routes: Sequence[BaseRoute], contributions: Contributions | None = None) -> Document:
    """The document of an application, its operations in the order of `routes`."""
    if app.openapi_schema is None:
        operations = [one for one in routes if isinstance(one, OperationRoute) and one.include_in_schema]
        app.openapi_schema = _made(app, operations, contributions or {})
    return app.openapi_schema


def _made(app: FastAPI, routes: Sequence[OperationRoute], contributions: Contributions) -> Document:
    fields = get_fields_from_routes(routes)
    schemas = Schemas()
    requests, answers = {}, {}
    for field in fields:
        core = field._type_adapter.core_schema  # noqa: SLF001 - where FastAPI keeps the schema it has made already
        if field.mode == "validation":
            requests[field, field.mode] = schemas.of_request(core)
        else:
            answers[field, field.mode] = schemas.of_answer(core)
    problem = schemas.of_answer(TypeAdapter(ProblemDocument).core_schema)
    added = [
        (schema, name, schemas.of_answer(TypeAdapter(kind).core_schema))
        for schema, properties in contributions.items()
        for name, kind in properties.items()
    ]
    done = schemas.finished(requests.values(), [*answers.values(), *(schema for _, _, schema in added), problem])
    mapping = dict(zip(requests, done.requests, strict=True)) | dict(zip(answers, done.answers, strict=False))
    document: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": app.title,
            "version": app.version,
            "description": f"Problem responses are RFC 9457, their codes stand in `{PROBLEM_CODES}`; `x-permission` names"
            " what each operation needs. HEAD is answered wherever GET is.",
        },
        "servers": [{"url": "/"}],
        "paths": _paths(routes, mapping),
        "components": {
            "schemas": done.components,
            "headers": {_key(name): _header(name, text) for name, text in _HEADERS.items()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    if added:
        contributed: dict[str, dict[str, Any]] = {}
        for (owner, name, _), schema in zip(added, done.answers[len(answers) : -1], strict=True):
            contributed.setdefault(owner, {})[name] = schema
        document[CONTRIBUTES] = contributed
    return document


def _paths(routes: Sequence[OperationRoute], mapping: Any) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    ids: set[str] = set()
    for route in routes:
        methods, _, _ = get_openapi_path(
            route=cast(Any, route), operation_ids=ids, model_name_map={}, field_mapping=mapping
        )
        for operation in methods.values():
            _finish(operation, route)
        paths.setdefault(route.path_format, {}).update(methods)
    _add_etags(paths)
    return paths


def _add_etags(paths: Mapping[str, Any]) -> None:
    """What is patched or put with `If-Match` has an ETag where it is read, and wherever else it is answered."""
    edits = {
        path: [item[method] for method in ("patch", "put") if _edits(method, item)] for path, item in paths.items()
    }
    edited = {_answered(operation, "200") for operations in edits.values() for operation in operations} - {None}
    for path, item in paths.items():
        for method, operation in item.items():
            for status in ("200", "201"):
                if (method == "get" and edits[path]) or _answered(operation, status) in edited:
                    _add_headers(operation, status, ["ETag"])


def _edits(method: str, item: Mapping[str, Any]) -> bool:
    return any(one["name"] == "If-Match" for one in item.get(method, {}).get("parameters", ()))


def _answered(operation: Mapping[str, Any], status: str) -> str | None:
    schema = operation["responses"].get(status, {}).get("content", {}).get("application/json", {}).get("schema", {})
    name: str | None = schema.get("$ref")
    return name


def _finish(operation: dict[str, Any], route: OperationRoute) -> None:
    """Problems and headers; a description that says more than its summary; schemas without FastAPI's titles."""
    if operation.get("description", "").rstrip(".") == operation.get("summary"):
        del operation["description"]
    for parameter in operation.get("parameters", ()):
        parameter["schema"].pop("title", None)
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in (*bodies, *operation["responses"].values()):
        for content in body.get("content", {}).values():
            content.get("schema", {}).pop("title", None)
    responses = operation["responses"]
    for status, types in route.refusals.items():
        responses[str(status)] = _refusal(types)
    operation["responses"] = dict(sorted(responses.items()))
    for status in [status for status in responses if status < "400"]:
        made = status == "201" or (status == "200" and route.operation.existing)
        located = (made and route.operation.located) or "300" <= status != "304"
        located = located or (status == "202" and "content" in responses[status])
        tagged = route.operation.versioned and status in {"200", "201"}
        _add_headers(
            operation, status, ["Location"] * bool(located) + [REPLAYED] * route.honours_key + ["ETag"] * tagged
        )
        if route.operation.conditional and status in {"200", "304"}:
            responses[status].setdefault("headers", {})["ETag"] = _TAG


_TAG: Final = {"description": "What you have, for `If-None-Match`.", "schema": {"type": "string"}}


def _refusal(types: Sequence[ProblemType]) -> dict[str, Any]:
    """One response for all problems of a status."""
    headers = ["Retry-After"] * any(one.retry_after is not None for one in types)
    headers += ["WWW-Authenticate"] * any(one.status == 401 for one in types)
    response = {
        "description": "; ".join(dict.fromkeys(one.en for one in types)),
        "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_SCHEMA}}},
        PROBLEM_CODES: sorted({one.code for one in types}),
    }
    return response | ({"headers": {name: _reference(name) for name in headers}} if headers else {})


def _add_headers(operation: dict[str, Any], status: str, names: Sequence[str]) -> None:
    if names and status in operation["responses"]:
        headers = operation["responses"][status].setdefault("headers", {})
        headers.update((name, _reference(name)) for name in names)


def _header(name: str, description: str) -> dict[str, Any]:
    header: dict[str, Any] = {"description": description, "schema": {"type": "string"}}
    return header | {"required": True} if name in _ALWAYS else header


def _reference(header: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{_key(header)}"}


def _key(header: str) -> str:
    return header.replace("-", "")
