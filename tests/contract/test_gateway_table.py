"""The gateway's table and merged document against the services as they are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.settings import SERVICES
from gateway import composing, desk, home
from gateway.cors import PREFLIGHT
from gateway.headers import FORWARDED
from gateway.home import Home
from gateway.merging import SHARED
from gateway.routing import GATEWAY, OWNERS, UNTOLD, is_untold, service_for
from qunxue.documents import merged_openapi, service_openapi
from qunxue.installed import service


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return merged_openapi()


def paths_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = service_openapi(name)["paths"]
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_of_a_service_is_routed_to_it(name: str):
    wrong = {path: _owner(path) for path in paths_of(name) if _owner(path) != name}
    assert not wrong


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_internal_is_in_no_document(name: str):
    assert not [path for path in paths_of(name) if path.startswith("/internal")]


def test_the_gateways_own_operations_are_routed_to_itself():
    assert {_owner(path) for path in paths_of(GATEWAY)} == {GATEWAY}


def test_every_header_that_an_operation_takes_reaches_it_also_from_a_page_elsewhere(document: dict[str, Any]):
    operations = [one for path in document["paths"].values() for one in path.values() if isinstance(one, dict)]
    taken = {one["name"].lower() for each in operations for one in each.get("parameters", []) if one["in"] == "header"}
    assert "upload-offset" in taken
    assert taken <= {name.decode() for name in FORWARDED}
    assert taken <= set(dict(PREFLIGHT)[b"access-control-allow-headers"].decode().split(", "))


def test_what_the_gateway_tells_nobody_is_what_operations_declare(document: dict[str, Any]):
    declared = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if isinstance(one, dict) and one.get("x-untold")
    }
    assert declared == UNTOLD
    assert is_untold("POST", b"/v1/surveys/01900000-0000-7000-8000-000000000000/answers")
    assert not is_untold("GET", b"/v1/surveys/01900000-0000-7000-8000-000000000000/answers")


def test_no_two_services_share_a_first_segment():
    owners: dict[str, set[str]] = {}
    for name in SERVICES:
        for path in paths_of(name):
            if path.startswith("/v1/"):
                owners.setdefault(path.split("/")[2], set()).add(name)
    assert {segment: names for segment, names in owners.items() if len(names) > 1} == {}
    assert set(owners) <= set(OWNERS)


@pytest.mark.slow
def test_the_merged_document_is_valid(document: dict[str, Any]):
    OpenAPIV31SpecValidator(document).validate()


def test_every_reference_in_it_leads_somewhere(document: dict[str, Any]):
    dangling = {
        reference
        for reference in _references(document)
        if reference.split("/")[3] not in document["components"][reference.split("/")[2]]
    }
    assert not dangling


def test_it_has_the_operations_of_all(document: dict[str, Any]):
    everything = [path for name in (*SERVICES, GATEWAY) for path in paths_of(name)]
    assert sorted(document["paths"]) == sorted(everything)


def test_its_schemas_are_prefixed_by_their_service(document: dict[str, Any]):
    prefixes = tuple(name.capitalize() for name in (*SERVICES, GATEWAY))
    alone = {name for name in document["components"]["schemas"] if not name.startswith(prefixes)}
    assert alone == SHARED


def test_every_operation_names_a_feature_and_a_permission(document: dict[str, Any]):
    poor = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if len(operation.get("tags", ())) != 1 or not operation.get("summary") or not operation.get("x-permission")
    ]
    assert not poor


def _owner(path: str) -> str:
    return service_for(re.sub(r"\{\w+\}", "x", path).encode())


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


@pytest.mark.parametrize("module", [composing, home, desk])
def test_what_is_put_together_names_no_service(module: ModuleType):
    tree = ast.parse(Path(str(module.__file__)).read_text())
    assert not {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)} & set(SERVICES)


def test_every_part_that_a_service_contributes_is_a_field_of_the_home_and_of_no_other_service():
    parts = [part.name for name in SERVICES for feature in service(name).features for part in feature.home]
    assert len(set(parts)) == len(parts)
    assert set(parts) <= Home.model_fields.keys() - {"community_id", "missing"}
