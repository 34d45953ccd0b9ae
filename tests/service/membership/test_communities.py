import pytest

from services.membership.cohorts.snapshots import cohort_snapshots
from tests.service.membership.scene import CHARTER, POSITIONING


async def test_a_community_is_created_as_a_draft_with_its_owner(scene):
    community = await scene.community(opened=False)
    assert community["status"] == "draft"
    assert community["charter"]["values"] == [{"code": "open", "name": "开放", "behaviours": ["主动分享"]}]
    members = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"])
    assert [(member["display_name"], member["roles"], member["via"]) for member in members["items"]] == [
        ("owner", ["owner"], "creation")
    ]


async def test_its_creation_and_the_owner_are_told_in_one_go(scene):
    community = await scene.community(opened=False)
    created, joined = await scene.harness.published("community.created"), await scene.harness.published("member.joined")
    assert created[0].data["values"] == [{"code": "open", "name": "开放"}]
    assert created[0].data["topics"] == POSITIONING["topics"]
    assert (created[0].version, created[0].partition_key) == (1, community["id"])
    assert joined[0].data["roles"] == ["owner"]
    assert joined[0].data["via"] == "creation"


async def test_the_creator_owns_it_unless_another_is_named(scene):
    body = {"slug": "mine", "name": "我的"}
    made = await scene.send(scene.admin, "/v1/communities", body)
    me = await scene.see(scene.admin, "/v1/people/me")
    assert [(m["community"]["id"], m["roles"]) for m in me["memberships"]] == [(made["id"], ["owner"])]
    assert "communities.govern" in me["memberships"][0]["permissions"]


async def test_only_an_administrator_creates_one(scene):
    body = {"slug": "mine", "name": "我的"}
    assert (await scene.send(await scene.client("anyone"), "/v1/communities", body, status=403))["code"] == "forbidden"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"slug": "Data Club"}, "/slug"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"day_starts_at": "25:00"}, "/day_starts_at"),
        (
            {"charter": CHARTER | {"values": [{"code": "a", "name": "x"}, {"code": "a", "name": "y"}]}},
            "/charter/values/1/code",
        ),
        ({"status": "open"}, "/status"),
        ({"id": "018f3b5c-0000-7000-8000-000000000000"}, "/id"),
        ({"messages_published": 7}, "/messages_published"),
    ],
)
async def test_what_a_community_cannot_be_is_pointed_at(scene, fields, pointer):
    answer = await scene.admin.post("/v1/communities", json={"slug": "club", "name": "数据社群"} | fields)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_only_a_draft_loses_its_positioning(scene):
    for opened in (False, True):
        path = f"/v1/communities/{(await scene.community(opened=opened))['id']}"
        answer = await scene.change(scene.again("owner"), path, {"positioning": None}, status=422 if opened else 200)
    assert answer["errors"][0]["pointer"] == "/positioning"


async def test_a_draft_opens_once_it_has_positioning_and_charter(scene):
    community = await scene.community(opened=False, positioning=None, charter=None)
    path = f"/v1/communities/{community['id']}"
    refused = await scene.send(scene.again("owner"), f"{path}/open", status=409)
    assert (refused["code"], refused["missing"]) == ("community_incomplete", ["positioning", "charter"])
    await scene.change(scene.again("owner"), path, {"positioning": POSITIONING})
    await scene.send(scene.again("owner"), f"{path}/charters", CHARTER, status=201)
    assert (await scene.send(scene.again("owner"), f"{path}/open"))["status"] == "open"
    assert [told.version for told in await scene.harness.published("community.")] == [1, 2, 3, 4]


async def test_a_draft_is_seen_by_those_who_work_on_it(scene):
    community = await scene.community(opened=False, visibility="public")
    path = f"/v1/communities/{community['id']}"
    await scene.see(await scene.client("anyone"), path, status=404)
    await scene.see(scene.harness.anonymous(), path, status=404)
    await scene.see(scene.admin, path)
    assert (await scene.see(await scene.client("anyone"), "/v1/communities"))["items"] == []


@pytest.mark.parametrize(
    ("visibility", "anonymous", "employee", "external"),
    [("public", 200, 200, 200), ("internal", 404, 200, 404), ("private", 404, 404, 404)],
)
async def test_visibility_decides_who_sees_it(scene, visibility, anonymous, employee, external):
    community = await scene.community(visibility=visibility)
    path = f"/v1/communities/{community['id']}"
    outsider = await scene.client("讲师", kind="external")
    await scene.see(scene.harness.anonymous(), path, status=anonymous)
    await scene.see(await scene.client("同事"), path, status=employee)
    await scene.see(outsider, path, status=external)
    listed = [
        len((await scene.see(client, "/v1/communities"))["items"])
        for client in (scene.harness.anonymous(), scene.again("同事"), scene.again("讲师"))
    ]
    assert listed == [int(status == 200) for status in (anonymous, employee, external)]


async def test_a_patch_needs_the_version_that_was_read(scene):
    community = await scene.community()
    path, owner = f"/v1/communities/{community['id']}", scene.again("owner")
    assert (await owner.patch(path, json={"name": "新名"})).status_code == 428
    assert (await owner.patch(path, json={"name": "新名"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await scene.change(owner, path, {"name": "新名"}))["waiting"]["name"] == "新名"


async def test_a_merge_patch_changes_what_it_names(scene):
    community = await scene.community()
    path = f"/v1/communities/{community['id']}"
    patched = await scene.change(
        scene.again("owner"), path, {"positioning": {"statement": "学以致用", "audience": None}}
    )
    assert patched["waiting"]["positioning"] == POSITIONING | {"statement": "学以致用", "audience": None}
    refused = await scene.change(scene.again("owner"), path, {"name": None}, status=422)
    assert refused["errors"][0]["pointer"] == "/name"


async def test_an_operator_positions_but_does_not_govern(scene):
    community = await scene.community()
    await scene.role("运营", community, "operator")
    path = f"/v1/communities/{community['id']}"
    await scene.change(scene.again("运营"), path, {"name": "新名"})
    refused = await scene.change(scene.again("运营"), path, {"visibility": "private"}, status=403)
    assert refused["fields"] == ["visibility"]
    viewer = (await scene.see(scene.again("运营"), path))["viewer"]
    assert viewer == {"can": ["update", "publish_charter"], "cannot": {"open": "forbidden", "archive": "forbidden"}}


@pytest.mark.parametrize("action", ["open", "archive"])
@pytest.mark.parametrize("state", ["draft", "open", "archived"])
async def test_the_viewer_of_a_community_and_its_commands_never_disagree(scene, state, action):
    community = await scene.community(opened=state != "draft")
    path, owner = f"/v1/communities/{community['id']}", scene.again("owner")
    if state == "archived":
        community = await scene.send(owner, f"{path}/archive")
    viewer = (await scene.see(owner, path))["viewer"]
    if state != "draft":
        assert community["viewer"] == viewer, "the answer to a command says the same as reading"
    answer = await owner.post(f"{path}/{action}")
    if action in viewer["can"]:
        assert answer.status_code == 200, answer.text
    else:
        assert answer.json()["code"] == viewer["cannot"][action]


async def test_a_former_slug_leads_on_and_nobody_else_gets_it(scene):
    community = await scene.community(slug="old-name")
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"slug": "new-name"})
    moved = await scene.again("owner").get("/v1/communities/by-slug/old-name")
    assert (moved.status_code, moved.headers["Location"]) == (308, "/v1/communities/by-slug/new-name")
    assert (await scene.see(scene.again("owner"), "/v1/communities/by-slug/new-name"))["id"] == community["id"]
    taken = await scene.send(scene.admin, "/v1/communities", {"slug": "old-name", "name": "别人"}, status=409)
    assert taken["code"] == "slug_taken"


async def test_a_former_slug_tells_nothing_to_those_who_may_not_see(scene):
    community = await scene.community(slug="old-name", visibility="private")
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"slug": "new-name"})
    await scene.see(await scene.client("anyone"), "/v1/communities/by-slug/old-name", status=404)


async def test_each_charter_that_says_something_new_is_a_version(scene):
    community = await scene.community()
    path = f"/v1/communities/{community['id']}/charters"
    again = await scene.send(scene.again("owner"), path, CHARTER, status=200)
    assert again["version"] == 1
    second = await scene.send(scene.again("owner"), path, CHARTER | {"vision": "学以致用"}, status=201)
    assert second["version"] == 2
    listed = await scene.see(scene.again("owner"), path)
    assert [charter["version"] for charter in listed["items"]] == [2, 1]
    assert (await scene.see(scene.again("owner"), f"{path}/1"))["content"]["vision"] == CHARTER["vision"]
    told = await scene.told("community.updated")
    assert [state["charter_version"] for state in told] == [2]


async def test_an_archived_community_is_read_only(scene):
    community = await scene.community()
    campaign = await scene.campaign(community, opened=False)
    path = f"/v1/communities/{community['id']}"
    await scene.send(scene.again("owner"), f"{path}/archive")
    await scene.see(scene.again("owner"), path)
    for refused in (
        await scene.send(scene.again("owner"), f"{path}/archive", status=409),
        await scene.send(scene.again("owner"), f"{path}/charters", CHARTER, status=409),
        await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/open", status=409),
        await scene.change(scene.again("owner"), path, {"name": "x"}, status=409),
    ):
        assert refused["code"] == "community_archived"
    assert len(await scene.told("community.archived")) == 1


async def test_what_was_imported_into_a_community_is_read_when_it_is_archived_and_nothing_more_comes_in(scene):
    community = await scene.community()
    job, _ = await scene.import_members(community, [{"employee_no": "nobody"}])
    owner = scene.again("owner")
    await scene.send(owner, f"/v1/communities/{community['id']}/archive")
    listed = await scene.see(owner, "/v1/members/imports", community_id=community["id"])
    assert [one["id"] for one in listed["items"]] == [job["id"]]
    errors = await scene.see(owner, f"/v1/members/imports/{job['id']}/errors")
    assert [error["code"] for error in errors["items"]] == ["unknown_person"]
    query = f"?community_id={community['id']}"
    refused = await owner.post(
        f"/v1/members/imports{query}", content=b"employee_no\n", headers={"Content-Type": "text/csv"}
    )
    assert refused.json()["code"] == "community_archived"


async def test_cohorts_have_codes_of_their_own(scene):
    community = await scene.community()
    body = {"community_id": community["id"], "code": "2024-1", "name": "第一期", "starts_on": "2024-03-01"}
    made = await scene.send(scene.again("owner"), "/v1/cohorts", body, status=201)
    assert (await scene.send(scene.again("owner"), "/v1/cohorts", body, status=409))["code"] == "already_exists"
    await scene.change(scene.again("owner"), f"/v1/cohorts/{made['id']}", {"ends_on": "2024-02-01"}, status=422)
    await scene.change(scene.again("owner"), f"/v1/cohorts/{made['id']}", {"ends_on": "2024-06-30"})
    listed = await scene.see(scene.again("owner"), "/v1/cohorts", community_id=community["id"])
    assert [(cohort["code"], cohort["ends_on"]) for cohort in listed["items"]] == [("2024-1", "2024-06-30")]


async def test_others_are_told_what_cohorts_are_called_and_again_when_they_ask(scene):
    community = await scene.community()
    body = {"community_id": community["id"], "code": "2024-1", "name": "第一期"}
    made = await scene.send(scene.again("owner"), "/v1/cohorts", body, status=201)
    await scene.change(scene.again("owner"), f"/v1/cohorts/{made['id']}", {"name": "春季班"})
    await scene.change(scene.again("owner"), f"/v1/cohorts/{made['id']}", {"name": "春季班"})
    told = await scene.harness.published("cohort.updated")
    assert [(one.subject, one.version, one.data["name"]) for one in told] == [
        (made["id"], 1, "第一期"),
        (made["id"], 2, "春季班"),
    ]
    async with scene.harness.runtime.database.reading() as session:
        [again] = [one async for one in cohort_snapshots(session)]
    said = again.event.model_dump(mode="json")
    assert (again.version, said["name"], said["cohort_id"]) == (2, "春季班", made["id"])


async def test_every_command_leaves_its_trace(scene):
    community = await scene.community()
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"name": "新名"})
    trail = await scene.audit(community["id"])
    assert [entry["action"] for entry in trail] == ["community.create", "community.open", "community.update"]
    assert trail[-1]["changes"] == {"name": ["数据社群", "新名"]}


async def test_a_new_community_counts_streaks_on_workdays_unless_it_says_otherwise(scene):
    made = [await scene.community(), await scene.community(streak_days="every_day")]
    assert [one["streak_days"] for one in made] == ["workdays", "every_day"]
