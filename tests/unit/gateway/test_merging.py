"""Five documents as one."""

from typing import Any

import pytest

from gateway.merging import Collision, merge


def document(path: str, operation_id: str, tag: str = "Things") -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Thing"}
    problem = {"$ref": "#/components/schemas/Problem"}
    return {
        "openapi": "3.1.0",
        "paths": {
            path: {
                "get": {
                    "operationId": operation_id,
                    "tags": [tag],
                    "responses": {
                        "200": {"content": {"application/json": {"schema": reference}}},
                        "404": {"content": {"application/problem+json": {"schema": problem}}},
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "properties": {"inner": {"anyOf": [reference, {"type": "null"}]}},
                    "discriminator": {"mapping": {"a": "#/components/schemas/Thing"}},
                },
                "Problem": {"type": "object"},
            },
            "securitySchemes": {"bearer": {"type": "http"}},
        },
    }


def merged(**documents: Any) -> dict[str, Any]:
    return merge(documents, title="T", version="1", missing=[])


def test_schemas_are_prefixed_by_service_but_problem():
    result = merged(membership=document("/v1/people", "a"), content=document("/v1/ideas", "b"))
    assert set(result["components"]["schemas"]) == {"MembershipThing", "ContentThing", "Problem"}
    assert list(result["components"]["securitySchemes"]) == ["bearer"]


def test_every_reference_leads_somewhere():
    result = merged(membership=document("/v1/people", "a"))
    thing = result["components"]["schemas"]["MembershipThing"]
    assert thing["properties"]["inner"]["anyOf"][0] == {"$ref": "#/components/schemas/MembershipThing"}
    assert thing["discriminator"]["mapping"] == {"a": "#/components/schemas/MembershipThing"}
    answers = result["paths"]["/v1/people"]["get"]["responses"]
    assert answers["404"]["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"


def test_the_parts_stay_as_they_were():
    part = document("/v1/people", "a")
    merged(membership=part)
    assert set(part["components"]["schemas"]) == {"Thing", "Problem"}


def test_two_services_with_one_operation_id_are_a_mistake():
    with pytest.raises(Collision, match="same"):
        merged(membership=document("/v1/people", "same"), content=document("/v1/ideas", "same"))


def test_two_services_with_one_path_are_a_mistake():
    with pytest.raises(Collision, match="/v1/people"):
        merged(membership=document("/v1/people", "a"), content=document("/v1/people", "b"))


def test_a_tag_is_listed_once():
    result = merged(membership=document("/v1/people", "a", "Audit"), content=document("/v1/ideas", "b", "Audit"))
    assert result["tags"] == [{"name": "Audit"}]


def test_what_is_missing_is_said():
    result = merge({}, title="T", version="1", missing=["events"])
    assert result["x-missing"] == ["events"]
    assert "events" in result["info"]["description"]
