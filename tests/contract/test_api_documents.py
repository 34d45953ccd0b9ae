"""What generators of clients trip over in an API document: names that mean two things, bodies that nobody mentions."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from qunxue.documents import service_openapi
from tests.system.security.features import recipes
from tests.system.security.operations import PARTS

pytestmark = pytest.mark.xdist_group("documents")


def described() -> Iterator[dict[str, Any]]:
    """Every operation of every part, as its document has it."""
    for part in PARTS:
        for methods in service_openapi(part)["paths"].values():
            yield from methods.values()


def test_no_two_operations_share_an_id():
    counted = Counter(operation["operationId"] for operation in described())
    assert {name for name, times in counted.items() if times > 1} == set()


def test_no_two_schemas_share_a_title():
    for part in PARTS:
        counted = Counter(schema.get("title") for schema in service_openapi(part)["components"]["schemas"].values())
        assert {title for title, times in counted.items() if times > 1} == set(), part


def test_the_body_of_every_recipe_is_declared_with_its_media_type():
    undeclared = {
        f"{operation['operationId']}: {media_type}"
        for operation in described()
        for media_type in sent_to(operation)
        if media_type not in operation.get("requestBody", {}).get("content", {})
    }
    assert undeclared == set()


def test_every_body_that_must_be_sent_is_sent_by_a_recipe():
    unsent = {
        operation["operationId"]
        for operation in described()
        if operation.get("requestBody", {}).get("required") and not sent_to(operation)
    }
    assert unsent == set()


def test_what_changes_nothing_takes_no_body():
    for part in PARTS:
        for path, methods in service_openapi(part)["paths"].items():
            taking = {method for method, operation in methods.items() if "requestBody" in operation}
            assert taking <= {"post", "put", "patch"}, path


def sent_to(operation: dict[str, Any]) -> set[str]:
    """The media types of the bodies that its recipes send."""
    ways = [one for part in PARTS for one in recipes(part).get(operation["operationId"], ())]
    return {
        one.headers.get("Content-Type", "application/json")
        for one in ways
        if one.body is not None or one.content is not None
    }
