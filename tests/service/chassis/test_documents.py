"""The API document says what the service does, and nothing it does not."""

import re
from typing import Any

import pytest

from chassis.problems import catalogue
from chassis.web.operations import api_router, operation
from tests.service.chassis.shop import ON_SQLITE
from tests.service.chassis.workshop import FULL
from tests.service.chassis.workshop_things import COLOUR_SHOWN, LABELLED, PLACE_TAKEN


@pytest.fixture
async def document(shop):
    return (await shop.anonymous().get("/openapi.json")).json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            yield f"{method.upper()} {path}", found


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@ON_SQLITE
async def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        _, components, kind, name = reference.split("/")
        assert name in document[components][kind], reference


@ON_SQLITE
async def test_every_refusal_is_a_problem_with_its_codes(document):
    declared = catalogue | {one.code: one for one in (FULL, LABELLED, PLACE_TAKEN, COLOUR_SHOWN)}
    for name, found in operations(document):
        for status, answer in found["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], f"{name} {status}"
                form = answer["content"]["application/problem+json"]["schema"]
                assert form == {"$ref": "#/components/schemas/Problem"}
                for code in answer["x-problem-codes"]:
                    assert declared[code].status == int(status)


@ON_SQLITE
async def test_every_operation_has_an_id_a_summary_and_a_permission(document):
    ids = [found["operationId"] for _, found in operations(document)]
    assert sorted(ids) == sorted(set(ids))
    assert {"make_thing", "read_things_import", "cancel_things_import", "list_things_import_errors"} <= set(ids)
    for name, found in operations(document):
        assert re.fullmatch(r"[a-z_]+", found["operationId"]), name
        assert found["summary"], name
        assert found["x-permission"], name
        assert found.get("description", "").rstrip(".") != found["summary"]


@ON_SQLITE
async def test_an_operation_names_the_problems_of_its_own_and_its_preconditions(document):
    def codes(path, method, status):
        return set(document["paths"][path][method]["responses"][str(status)]["x-problem-codes"])

    assert "workshop_full" in codes("/v1/things/{thing_id}/seats", "post", 409)
    assert codes("/v1/things", "get", 400) == {"cursor_invalid"}
    assert codes("/v1/things/{thing_id}", "patch", 428) == {"precondition_required"}
    assert "session_revoked" in codes("/v1/things", "get", 401)
    names = {one["name"] for one in document["paths"]["/v1/things/{thing_id}"]["patch"]["parameters"]}
    assert names == {"thing_id", "If-Match"}


@ON_SQLITE
async def test_there_is_one_way_to_prove_who_one_is(document):
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for name, found in operations(document):
        assert found["security"] == [{"bearer": []}], name


@ON_SQLITE
async def test_what_is_internal_is_not_told(document):
    assert not [path for path in document["paths"] if path.startswith("/internal")]
    assert "ValidationError" not in document["components"]["schemas"]


@ON_SQLITE
async def test_every_answer_of_a_running_service_is_a_documented_one(shop, document):
    owner = await shop.member("owner")
    for client, method, path, template, options in (
        (owner, "GET", f"/v1/things?community_id={shop.community_id}", "/v1/things", {}),
        (owner, "GET", "/v1/things", "/v1/things", {}),
        (shop.anonymous(), "POST", "/v1/things", "/v1/things", {}),
        (owner, "POST", "/v1/things", "/v1/things", {"json": {}}),
        (owner, "GET", f"/v1/things/{shop.community_id}", "/v1/things/{thing_id}", {}),
        (owner, "POST", "/v1/things/batch", "/v1/things/batch", {"json": {"ids": []}}),
    ):
        answer = await client.request(method, path, **options)
        assert str(answer.status_code) in document["paths"][template][method.lower()]["responses"]


def test_an_endpoint_must_be_a_declared_operation_with_a_summary():
    router = api_router(tags=["x"])

    async def undeclared() -> None:
        """Something."""

    @operation(logged_in=True)
    async def silent() -> None: ...

    for endpoint, message in ((undeclared, "no declared operation"), (silent, "no summary")):
        with pytest.raises(TypeError, match=message):
            router.get("/v1/x")(endpoint)
    wrongs: list[dict[str, Any]] = [{}, {"public": True, "logged_in": True}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="permission"):
            operation(**wrong)
