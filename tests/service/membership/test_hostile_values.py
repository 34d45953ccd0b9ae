"""What no database can keep is refused with a problem, wherever it stands."""

import pytest

from tests.service.membership.scene import ANSWERS, FORM

NUL, SURROGATE = "a\0b", "\ud800"


async def test_no_text_that_cannot_be_kept_is_an_error_of_ours(scene):
    community = await scene.community()
    campaign = await scene.campaign(community)
    applicant = await scene.client("小明")
    owner = scene.again("owner")
    apply = {"campaign_id": campaign["id"], "channel": "im"}
    here = f"/v1/campaigns/{campaign['id']}"
    posts = [
        (applicant, "/v1/applications", apply | {"answers": ANSWERS | {"motive": NUL}}),
        (applicant, "/v1/applications", apply | {"answers": {NUL: 1}, "submit": False}),
        (owner, f"{here}/forms", {"form": FORM | {"title": NUL}}),
        (owner, f"{here}/forms", {"form": FORM | {"properties": FORM["properties"] | {NUL: {}}}}),
        (owner, f"{here}/channels", {"code": "x", "name": NUL}),
        (owner, "/v1/cohorts", {"community_id": community["id"], "code": "x", "name": NUL}),
        (owner, f"/v1/communities/{community['id']}/charters", {"vision": NUL}),
        (scene.admin, "/v1/communities", {"slug": "nul", "name": NUL}),
    ]
    for client, path, body in posts:
        answer = await client.post(path, json=body)
        assert answer.status_code == 422, (path, body, answer.text)


@pytest.mark.parametrize(
    "body", [b'{"campaign_id": "\\ud800"}', b'{"answers": {"motive": "\\ud800"}}', b'{"a": NaN}', b"\xff"]
)
async def test_bodies_that_are_no_text_are_refused(scene, body):
    client = await scene.client("小明")
    answer = await client.post("/v1/applications", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("q", [NUL, "%", "_", "'", "\U0010ffff", "字" * 100])
async def test_searching_for_anything_finds_it_or_nothing(scene, q):
    community = await scene.community()
    answer = await scene.again("owner").get("/v1/members", params={"community_id": community["id"], "q": q})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("number", [10**30, 1e308, -(10**18)])
async def test_numbers_beyond_all_measure_are_refused(scene, number):
    campaign = await scene.campaign(await scene.community())
    client = await scene.client("小明")
    body = {"campaign_id": campaign["id"], "channel": "im", "answers": ANSWERS | {"years": number}}
    answer = await client.post("/v1/applications", json=body)
    assert answer.status_code == 422, answer.text
    owner = scene.again("owner")
    campaign["quota"] = number
    body = {"community_id": campaign["community_id"], "title": "x", "closes_at": campaign["closes_at"], "quota": number}
    assert (await owner.post("/v1/campaigns", json=body)).status_code == 422
    asked = {"code": "x", "field": "answers.years", "op": "gte", "value": number}
    body |= {"quota": 1, "requirements": [asked]}
    assert (await owner.post("/v1/campaigns", json=body)).status_code in (201, 422)


@pytest.mark.parametrize("version", ["99999999999999999999", "2147483648", "0", "-1", "1.5", "x"])
async def test_a_version_that_can_be_none_is_refused_whoever_asks(scene, version):
    community = await scene.community()
    campaign = await scene.campaign(community)
    for path in (
        f"/v1/communities/{community['id']}/charters/{version}",
        f"/v1/campaigns/{campaign['id']}/forms/{version}",
    ):
        for client in (scene.harness.anonymous(), scene.again("owner")):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/path/version"), path


async def test_a_joining_date_at_the_end_of_time_is_an_error_of_its_row_and_breaks_no_member(scene, community_of_one):
    community, number = community_of_one
    rows = [{"employee_no": number, "joined_at": "0001-01-01T02:00:00Z"}]
    job, errors = await scene.import_members(community, rows)
    assert (job["failed"], [error["code"] for error in errors]) == (1, ["out_of_range"])
    answer = await scene.again("owner").get("/v1/members", params={"community_id": community["id"], "q": "一"})
    assert answer.json()["items"] == []


@pytest.fixture
async def community_of_one(scene):
    community = await scene.community()
    await scene.client("一")
    return community, await scene.number("一")


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"])
async def test_moments_at_the_ends_of_time_are_an_error_of_the_sender(scene, when):
    community = await scene.community()
    campaign = await scene.campaign(community)
    application = await scene.apply("小明", campaign)
    member = await scene.member("成员", community)
    owner = scene.again("owner")
    posts = [
        ("/v1/campaigns", {"community_id": community["id"], "title": "x", "quota": 1, "closes_at": when}),
        (f"/v1/applications/{application['id']}/return", {"what": "x", "until": when}),
        (f"/v1/applications/{application['id']}/decide", {"outcome": "rejected", "reason": "x", "release_at": when}),
        ("/v1/role-grants", {"member_id": member["id"], "role": "mentor", "until": when}),
    ]
    for path, body in posts:
        assert (await owner.post(path, json=body)).status_code < 500, path
    _, errors = await scene.import_members(community, [{"employee_no": "x", "joined_at": when}])
    assert errors
