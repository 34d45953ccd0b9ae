"""What a screen needs in one call: titles, names of departments, filters, orders."""

from zoneinfo import ZoneInfo

import pytest

from tests.service.membership.scene import ANSWERS, DAY


@pytest.fixture
async def forest(scene):
    """集团 over 研发 over 平台, and 销售 apart."""
    for code, name, parent in (("D0", "集团", None), ("D1", "研发", "D0"), ("D11", "平台", "D1"), ("D2", "销售", None)):
        await scene.send(scene.admin, "/v1/departments", {"code": code, "name": name, "parent_code": parent})
    numbers = {"平台的": "D11", "研发的": "D1", "销售的": "D2"}
    for name, code in numbers.items():
        await scene.client(name, department_code=code)
    return numbers


PATH = [{"code": "D0", "name": "集团"}, {"code": "D1", "name": "研发"}, {"code": "D11", "name": "平台"}]


async def test_departments_come_with_name_and_path(scene, forest):
    community = await scene.community()
    member = await scene.member("平台的", community)
    expected = {"code": "D11", "name": "平台", "path": PATH}
    me = await scene.see(scene.again("平台的"), "/v1/people/me")
    listed = await scene.see(scene.admin, "/v1/people", person_id=me["id"])
    seen = await scene.see(scene.again("owner"), f"/v1/members/{member['id']}")
    detail = await scene.see(scene.admin, f"/v1/people/{me['id']}")
    for answer in (me, *listed["items"], member, seen, detail):
        assert answer["department"] == expected
    assert (await scene.see(scene.admin, "/v1/departments/D11"))["path"] == PATH
    outsider = await scene.see(scene.again("owner"), "/v1/people/me")
    assert outsider["department"] is None


async def test_everybody_who_is_logged_in_reads_the_names_of_departments_and_no_more(scene, forest):
    path = "/v1/departments/D1"
    await scene.change(scene.admin, path, {"manager_employee_no": "00042"})
    read = await scene.see(scene.again("销售的"), path)
    assert (read["name"], read["manager_employee_no"]) == ("研发", None)
    assert (await scene.see(scene.admin, path))["manager_employee_no"] == "00042"
    listed = await scene.see(scene.again("销售的"), "/v1/departments", under="D1")
    assert [(one["code"], one["manager_employee_no"]) for one in listed["items"]] == [("D1", None), ("D11", None)]
    await scene.see(scene.harness.anonymous(), path, status=401)
    await scene.send(scene.admin, f"/v1/people/{scene.people['销售的']}/suspend", {})
    await scene.see(scene.again("销售的"), path, status=401)


async def test_roster_and_people_are_filtered_by_department_with_everything_below_and_by_person(scene, forest):
    community = await scene.community()
    for name in forest:
        await scene.member(name, community)
    for client, path in (
        (scene.again("owner"), f"/v1/members?community_id={community['id']}"),
        (scene.admin, "/v1/people?"),
    ):
        found = {}
        for query in ("department=D1", "department=D2", f"person_id={scene.people['平台的']}"):
            listed = await scene.see(client, f"{path}&{query}")
            found[query.split("=")[0] + query[-1]] = {one["display_name"] for one in listed["items"]}
        assert found["department1"] == {"平台的", "研发的"}
        assert found["department2"] == {"销售的"}
        assert {"平台的"} in found.values()


async def test_members_are_listed_by_when_they_joined_in_days_of_the_community(scene):
    community = await scene.community(time_zone="Asia/Shanghai")
    for name, joined_at in (("一", "2024-03-01T00:30:00+08:00"), ("二", "2024-03-01T23:30:00+08:00")):
        await scene.member(name, community, joined_at=joined_at)
    path = f"/v1/members?community_id={community['id']}"

    async def names(query):
        found = await scene.see(scene.again("owner"), f"{path}&{query}")
        return [one["display_name"] for one in found["items"]]

    assert await names("from=2024-03-01&to=2024-03-01") == ["一", "二"]
    assert await names("to=2024-02-29") == []
    assert await names("to=2024-03-01T16:00:00Z&from=2024-02-29T17:00:00Z") == ["二"]
    assert await names("to=2024-03-01T23:30:00%2B08:00") == ["一"]
    assert "owner" in await names("from=2024-03-02")
    answer = await scene.again("owner").get(f"{path}&from=2024-03-02&to=2024-02-01")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == "before_from"


async def test_the_audit_is_read_between_two_days_of_the_community(scene):
    community = await scene.community(time_zone="Asia/Shanghai")
    today = scene.harness.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    for client in (scene.again("owner"), scene.admin):
        for on, there in ((today, True), (today + DAY, False), (today - DAY, False)):
            query = {"community_id": community["id"], "from": on.isoformat(), "to": on.isoformat()}
            found = (await client.get("/internal/audit", params=query)).json()["items"]
            assert bool(found) == there


async def test_one_reads_what_the_platform_allows_them(scene):
    assert "people.read" in (await scene.see(scene.admin, "/v1/people/me"))["permissions"]
    await scene.client("路人")
    assert (await scene.see(scene.again("路人"), "/v1/people/me"))["permissions"] == []


async def test_my_applications_come_with_their_titles(scene):
    community = await scene.community(name="读书会")
    for title in ("春季", "秋季"):
        await scene.apply("小明", await scene.campaign(community, title=title))
    listed = (await scene.see(scene.again("小明"), "/v1/applications", mine=True))["items"]
    assert [one["campaign"]["title"] for one in listed] == ["秋季", "春季"]
    assert {one["campaign"]["community"]["name"] for one in listed} == {"读书会"}
    assert {one["campaign"]["status"] for one in listed} == {"open"}


async def test_applications_are_sorted_by_score_and_found_by_name(scene, forest):
    wish = {"code": "wish", "field": "answers.years", "op": "gte", "value": 5}
    campaign = await scene.campaign(await scene.community(), requirements=[wish])
    for name, years in (("平台的", 9), ("研发的", 1), ("销售的", 7)):
        await scene.apply(name, campaign, answers=ANSWERS | {"years": years})
    path = f"/v1/applications?campaign_id={campaign['id']}"
    owner = scene.again("owner")

    async def names(query):
        return [one["applicant"]["display_name"] for one in (await scene.see(owner, f"{path}&{query}"))["items"]]

    assert await names("sort=-score") == ["销售的", "平台的", "研发的"]
    assert await names("sort=name") == ["平台的", "销售的", "研发的"]
    assert await names("q=yanfa") == ["研发的"]
    first = await scene.see(owner, f"{path}&sort=-score&limit=1")
    second = await scene.see(owner, f"{path}&sort=-score&limit=2&cursor={first['next']}")
    assert [one["applicant"]["display_name"] for one in second["items"]] == ["平台的", "研发的"]
    assert second["items"][0]["applicant"]["department"]["path"] == PATH
    for query in ("sort=-score", "q=a"):
        answer = await scene.again("平台的").get(f"/v1/applications?mine=true&{query}")
        assert answer.status_code == 422, "an order by score would tell the score"


async def test_the_applicant_is_told_a_reason_of_their_own_with_the_outcome(scene):
    campaign = await scene.campaign(await scene.community())
    application = await scene.apply("小明", campaign)
    path = f"/v1/applications/{application['id']}"
    later = (scene.harness.clock() + DAY).isoformat()
    told = {"reason_for_applicant": "名额已满，请等候"}
    decided = await scene.decide(application, "waitlisted", release_at=later, **told)
    assert (decided["reason"], decided["reason_for_applicant"]) == ("委员会决定", "名额已满，请等候")
    assert (await scene.see(scene.again("小明"), path))["reason_for_applicant"] is None
    scene.harness.clock.advance(DAY)
    seen = await scene.see(scene.again("小明"), path)
    assert (seen["reason"], seen["reason_for_applicant"]) == (None, "名额已满，请等候")
    later = (scene.harness.clock() + DAY).isoformat()
    await scene.decide(application, "rejected", release_at=later, reason_for_applicant="这次不合适")
    assert (await scene.see(scene.again("小明"), path))["reason_for_applicant"] == "名额已满，请等候"
    scene.harness.clock.advance(DAY)
    assert (await scene.see(scene.again("小明"), path))["reason_for_applicant"] == "这次不合适"
    assert "不合适" not in str(await scene.harness.published("application."))


async def test_lists_say_what_the_caller_can_do_with_each(scene):
    campaign = await scene.campaign(await scene.community())
    drafted = await scene.apply("小明", campaign, submit=False)
    elsewhere = await scene.apply("小明", await scene.campaign(await scene.community(owner="other"), owner="other"))
    own = {
        one["id"]: one["viewer"]
        for one in (await scene.see(scene.again("小明"), "/v1/applications?mine=true"))["items"]
    }
    for application in (drafted, elsewhere):
        alone = await scene.see(scene.again("小明"), f"/v1/applications/{application['id']}")
        assert own[application["id"]] == alone["viewer"]
    assert "submit" in own[drafted["id"]]["can"]
    await scene.apply("小红", campaign)
    (listed,) = (await scene.see(scene.again("owner"), f"/v1/applications?campaign_id={campaign['id']}"))["items"]
    assert listed["viewer"] == (await scene.see(scene.again("owner"), f"/v1/applications/{listed['id']}"))["viewer"]
    assert "decide" in listed["viewer"]["can"]


@pytest.mark.parametrize("name", ["owner", "运营", "小明", "admin"])
async def test_each_thing_of_a_list_says_what_reading_it_alone_says_that_the_caller_can_do(scene, name):
    community = await scene.community()
    await scene.community(owner="other", opened=False)
    await scene.role("运营", community, "operator")
    muted = await scene.member("小红", community)
    until = (scene.harness.clock() + DAY).isoformat()
    await scene.send(scene.again("owner"), f"/v1/members/{muted['id']}/mute", {"until": until, "reason": "刷屏"})
    await scene.member("小明", community)
    await scene.campaign(community)
    await scene.campaign(community, opened=False)
    wish = {"code": "wish", "field": "answers.no_such", "op": "gte", "value": 5}
    await scene.campaign(community, opened=False, requirements=[wish])
    client = scene.admin if name == "admin" else scene.again(name)
    here = f"community_id={community['id']}"
    lists = {"/v1/communities": "", "/v1/campaigns": "", "/v1/members": here, "/v1/role-grants": here}
    compared = 0
    for path, query in lists.items():
        answer = await client.get(f"{path}?limit=100&{query}")
        for one in answer.json()["items"] if answer.status_code == 200 else []:
            assert one["viewer"] == (await scene.see(client, f"{path}/{one['id']}"))["viewer"]
            compared += 1
    assert compared >= 4


async def test_whoever_started_a_job_of_a_community_is_named_as_its_member(scene):
    community = await scene.community()
    path = f"/v1/members/imports?community_id={community['id']}"
    owner = scene.again("owner")
    started = await owner.post(path, content=b"employee_no\n1\n", headers={"Content-Type": "text/csv"})
    (member,) = (await scene.see(owner, f"/v1/members?community_id={community['id']}"))["items"]
    (listed,) = (await scene.see(owner, path))["items"]
    for job in (started.json(), listed, await scene.see(owner, started.headers["Location"])):
        assert job["community_id"] == community["id"]
        assert (job["started_by"]["display_name"], job["started_by"]["member_id"]) == ("owner", member["id"])


async def test_what_a_list_names_by_id_or_code_has_its_name_beside(scene):
    team = await scene.community(name="运营组", kind="operations_team", visibility="private", owner="lead")
    community = await scene.community(name="读书会", operated_by=team["id"])
    await scene.apply("小明", await scene.campaign(community))
    (campaign,) = (await scene.see(scene.again("小明"), "/v1/campaigns"))["items"]
    assert (campaign["community"]["name"], campaign["community"]["slug"]) == ("读书会", community["slug"])
    for client, path in ((scene.again("小明"), "?mine=true"), (scene.again("owner"), f"?campaign_id={campaign['id']}")):
        (application,) = (await scene.see(client, f"/v1/applications{path}"))["items"]
        assert (application["channel"], application["channel_name"]) == ("poster", "海报")
        alone = await scene.see(client, f"/v1/applications/{application['id']}")
        assert alone["channel_name"] == "海报"
    for client, named in ((scene.admin, "运营组"), (scene.again("小明"), None)):
        listed = (await scene.see(client, "/v1/communities"))["items"]
        (shown,) = (one for one in listed if one["id"] == community["id"])
        for one in (shown, await scene.see(client, f"/v1/communities/{community['id']}")):
            assert one["operated_by"] == team["id"]
            assert (one["operating_team"] or {}).get("name") == named


async def test_applications_are_filtered_by_department_and_by_when_they_were_submitted(scene, forest):
    campaign = await scene.campaign(await scene.community(time_zone="Asia/Shanghai"))
    for name in forest:
        await scene.apply(name, campaign)
        scene.harness.clock.advance(DAY)
    today = scene.harness.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    path = f"/v1/applications?campaign_id={campaign['id']}&sort=name"

    async def names(query):
        found = await scene.see(scene.again("owner"), f"{path}&{query}")
        return [one["applicant"]["display_name"] for one in found["items"]]

    assert await names("department=D1") == ["平台的", "研发的"]
    assert await names(f"from={today - 2 * DAY}") == ["销售的", "研发的"]
    assert await names(f"from={today - 2 * DAY}&to={today - 2 * DAY}&department=D1") == ["研发的"]
    for query in ("department=D1", f"from={today}", f"to={today}"):
        refused = await scene.see(scene.again("平台的"), f"/v1/applications?mine=true&{query}", status=422)
        assert refused["errors"][0]["pointer"] == f"#/query/{query.split('=')[0]}"


async def test_the_board_of_a_campaign_and_my_applications_are_one_call_each(scene):
    """As the guide says. The gateway composes the third, the home."""
    community = await scene.community()
    campaign = await scene.campaign(community)
    applied = await scene.apply("小明", campaign)
    await scene.apply("新人", campaign, answers=ANSWERS | {"years": 1})
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert (board["title"], board["status"], board["seats_left"]) == ("春季招募", "open", 2)
    assert (board["by_state"]["submitted"], board["by_outcome"]["rejected"]) == (1, 1)
    assert [(one["code"], one["submitted"]) for one in board["by_channel"]] == [("poster", 2), ("im", 0)]
    await scene.send(scene.again("owner"), f"/v1/applications/{applied['id']}/advance")
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    members = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"]))["items"]
    for holder in (board["oldest_waiting"]["holder"], board["holders"][0]["holder"]):
        assert (holder["display_name"], holder["member_id"]) == ("owner", members[0]["id"])
    (mine,) = (await scene.see(scene.again("新人"), "/v1/applications", mine=True))["items"]
    assert (mine["campaign"]["title"], mine["campaign"]["community"]["name"]) == ("春季招募", "数据社群")
    assert (mine["outcome"], mine["unmet"][0]["text_zh"]) == ("rejected", "“years”不低于 2")
    assert mine["viewer"]["can"] == ["request_review"]


async def test_whoever_gave_a_role_is_named_in_lists_too(scene):
    community = await scene.community()
    member = await scene.member("小明", community)
    body = {"member_id": member["id"], "role": "moderator"}
    await scene.send(scene.again("owner"), "/v1/role-grants", body)
    found = (await scene.see(scene.again("owner"), "/v1/role-grants", member_id=member["id"]))["items"]
    assert [one["given_by"]["display_name"] for one in found] == ["owner"]
    audit = (await scene.see(scene.admin, "/internal/audit", community_id=community["id"]))["items"]
    assert "owner" in {entry["actor"]["display_name"] for entry in audit}
