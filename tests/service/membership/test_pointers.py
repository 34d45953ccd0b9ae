"""A refusal points at the field that a form can mark, also where two fields do not fit each other."""

import pytest

from tests.service.membership.scene import SENIOR

SOMETHING = "01890000-0000-7000-8000-000000000000"
CODE = {"code": "a", "name": "甲"}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/applications/batch", {"action": "decide", "ids": [SOMETHING], "reason": "x"}, "/outcome"),
        ("/v1/applications/batch", {"action": "decide", "ids": [SOMETHING], "outcome": "accepted"}, "/reason"),
        ("/v1/applications/batch", {"action": "return", "ids": [SOMETHING]}, "/what"),
        ("/v1/applications/batch", {"action": "advance", "ids": [SOMETHING, "x"]}, "/ids/1"),
        ("/v1/members/batch", {"action": "remove", "ids": [SOMETHING]}, "/reason"),
        ("/v1/members/batch", {"action": "set_cohort", "ids": [SOMETHING]}, "/cohort_id"),
        ("/v1/applications", {}, "/token"),
        ("/v1/applications", {"campaign_id": SOMETHING}, "/channel"),
        ("/v1/applications", {"token": "12345678", "campaign_id": SOMETHING, "channel": "im"}, "/token"),
    ],
)
async def test_what_is_missing_in_a_command_is_pointed_at(scene, path, body, pointer):
    refused = await scene.send(await scene.client("小明"), path, body, status=422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"requirements": [SENIOR, SENIOR]}, "/requirements/1/code"),
        ({"requirements": [SENIOR | {"field": "person.email"}]}, "/requirements/0/field"),
        ({"requirements": [SENIOR | {"value": True}]}, "/requirements/0/value"),
        ({"criteria": [CODE, CODE]}, "/criteria/1/code"),
        ({"channels": [CODE, CODE | {"code": "b"}, CODE]}, "/channels/2/code"),
        ({"steps": ["interview", "form"]}, "/steps"),
        ({"opens_at": "2090-01-01T00:00:00Z"}, "/closes_at"),
    ],
)
async def test_what_does_not_fit_in_a_campaign_is_pointed_at(scene, fields, pointer):
    community = await scene.community()
    body = {"community_id": community["id"], "title": "春季", "quota": 2, "closes_at": "2080-01-01T00:00:00Z"}
    refused = await scene.send(scene.again("owner"), "/v1/campaigns", body | fields, status=422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


async def test_nothing_has_no_media_type(scene):
    answer = await (await scene.client("小明")).delete("/v1/sessions")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
