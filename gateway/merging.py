"""Five OpenAPI documents as one."""

from collections.abc import Mapping
from typing import Any, Final

from chassis.web.describing import CONTRIBUTES
from gateway.problems import OWN
from gateway.routing import GATEWAY

Document = dict[str, Any]

SHARED: Final = frozenset(
    {
        "Problem",
        "ProblemFieldError",
        "JobPublic",
        "JobError",
        "KnownJobState",
        "Page_JobError_",
        "FileFormat",
        "BatchItem",
    }
    | {
        "BatchResult",
        "ActorEmbed",
        "KnownActorKind",
        "MemberEmbed",
        "CommunityEmbed",
        "KnownRole",
        "Viewer",
        "Refusals",
        "JsonObject",
        "Counts",
        "Total",
    }
)
"""Schemas of the chassis: they mean the same in every service and keep their name."""

_REFERENCE: Final = "#/components/"


class Collision(ValueError):
    """Two services claim the same path or operationId."""


def merge(documents: Mapping[str, Document], *, title: str, version: str, missing: list[str]) -> Document:
    """One document of several, by service.

    Components are prefixed by their service, paths and operationIds stay as they are. `missing` are services whose part could
    not be had: it is said in the description and in `x-missing`.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _description(missing)},
        "servers": [{"url": "/"}],
        "tags": [],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    merged["x-gateway-problems"] = [{"status": one.status, "code": one.code, "title": one.en} for one in OWN]
    if missing:
        merged["x-missing"] = list(missing)
    operations: dict[str, str] = {}
    contributed: dict[str, Document] = {}
    for service, document in documents.items():
        part = _renamed(document, service)
        for path, item in part.get("paths", {}).items():
            if path in merged["paths"]:
                raise Collision(f"{path} is in {service} and in another service")
            merged["paths"][path] = item
            for operation_id in _operation_ids(item):
                if operation_id in operations:
                    raise Collision(f"{operation_id} is in {service} and in {operations[operation_id]}")
                operations[operation_id] = service
        for kind, components in part.get("components", {}).items():
            for name, component in components.items():
                merged["components"].setdefault(kind, {}).setdefault(_name(kind, name, service), component)
        for name, properties in part.get(CONTRIBUTES, {}).items():
            contributed.setdefault(_name("schemas", name, GATEWAY), {}).update(properties)
    for name, properties in contributed.items():
        if name in merged["components"]["schemas"]:
            merged["components"]["schemas"][name]["properties"].update(properties)
    merged["tags"] = [{"name": name} for name in _tags(merged["paths"])]
    return merged


def _description(missing: list[str]) -> str:
    text = (
        "The API of Qunxue (群学), a backend for training communities. Errors are RFC 9457 problem details in zh-CN or en by"
        " `Accept-Language`, their codes stand in `x-problem-codes`; `x-permission` names what each operation needs. Log in with"
        " `POST /v1/sessions` and send the access token as `Authorization: Bearer …`. HEAD is answered wherever GET is.\n\n"
        "In the place of any operation the gateway may answer with a problem of its own: "
    )
    text += ", ".join(f"{one.status} `{one.code}`" for one in OWN) + "."
    if missing:
        text += f"\n\n**Incomplete**: {', '.join(missing)} did not answer, so their operations are missing here."
    return text


def _name(kind: str, name: str, service: str) -> str:
    if kind != "schemas" or name in SHARED:
        return name
    return service.capitalize() + name


def _renamed(node: Any, service: str) -> Any:
    """A copy with every reference to a component renamed, in discriminators too."""
    if isinstance(node, list):
        return [_renamed(item, service) if isinstance(item, _NESTED) else item for item in node]
    copied = {}
    for key, value in node.items():
        if isinstance(value, _NESTED):
            copied[key] = _renamed(value, service)
        elif isinstance(value, str) and value.startswith(_REFERENCE):
            copied[key] = _reference(value, service)
        else:
            copied[key] = value
    return copied


_NESTED: Final = (dict, list)


def _reference(reference: str, service: str) -> str:
    kind, _, name = reference.removeprefix(_REFERENCE).partition("/")
    return f"{_REFERENCE}{kind}/{_name(kind, name, service)}"


def _operation_ids(item: Mapping[str, Any]) -> list[str]:
    return [
        operation["operationId"]
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]


def _tags(paths: Mapping[str, Any]) -> list[str]:
    """Every tag once, in the order of first use."""
    found: dict[str, None] = {}
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict):
                found.update(dict.fromkeys(operation.get("tags", ())))
    return list(found)
