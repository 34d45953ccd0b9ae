import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from services.membership.roster.models import Member
from tests.service.membership.scene import DAY


@pytest.fixture
async def community(scene):
    return await scene.community()


async def names(scene, community, *, by="owner", **query):
    answer = await scene.again(by).get("/v1/members", params={"community_id": community["id"]} | query)
    return [member["display_name"] for member in answer.json()["items"]]


async def set_status(scene, member, status, until=None):
    """What conduct will do, until there is conduct."""
    async with scene.harness.runtime.database.transaction() as session:
        await session.execute(
            update(Member).where(col(Member.id) == UUID(member["id"])).values(status=status, status_until=until)
        )


async def registered(scene, *people):
    for name in people:
        await scene.client(name)


# --- reading -------------------------------------------------------------------------------------------------------


async def test_members_are_found_by_name_pinyin_initials_and_number(scene, community):
    for name in ("张伟", "王小丽"):
        await scene.member(name, community)
    for q in ("张伟", "zhangwei", "zw", "ZhangW", await scene.number("张伟")):
        assert await names(scene, community, q=q) == ["张伟"]
    assert await names(scene, community, q="nobody") == []


async def test_members_are_filtered_by_role_status_and_cohort(scene, community):
    await scene.role("版主", community, "moderator")
    member = await scene.member("成员", community)
    cohort = {"community_id": community["id"], "code": "c1", "name": "第一期"}
    made = await scene.send(scene.again("owner"), "/v1/cohorts", cohort, status=201)
    body = {"action": "set_cohort", "ids": [member["id"]], "cohort_id": made["id"]}
    await scene.send(scene.again("owner"), "/v1/members/batch", body)
    assert await names(scene, community, role="moderator") == ["版主"]
    assert await names(scene, community, cohort_id=made["id"]) == ["成员"]
    named = {"id": made["id"], "code": "c1", "name": "第一期"}
    listed = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"]))["items"]
    assert [one["cohort"] for one in listed if one["cohort_id"]] == [named]
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["cohort"] == named
    campaign = await scene.campaign(community, cohort_id=made["id"], opened=False)
    (found,) = (await scene.see(scene.again("owner"), "/v1/campaigns", community_id=community["id"]))["items"]
    assert campaign["cohort"] == found["cohort"] == named
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    assert await names(scene, community, status="left") == ["成员"]
    assert await names(scene, community) == ["owner", "版主"]
    told = await scene.told("member.cohort_changed")
    assert [(state["cohort_id"], state["before"]) for state in told] == [(made["id"], {})]


async def test_a_mute_that_is_over_shows_nowhere(scene, community):
    member = await scene.member("成员", community)
    await set_status(scene, member, "muted", scene.harness.clock() + DAY)
    assert await names(scene, community, status="muted") == ["成员"]
    scene.harness.clock.advance(DAY)
    assert await names(scene, community, status="muted") == []
    seen = await scene.see(scene.again("owner"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["status_until"]) == ("active", None)


async def test_a_suspended_member_finds_himself_alone_and_the_community_by_name(scene, community):
    member = await scene.member("成员", community)
    await scene.member("另一位", community)
    await set_status(scene, member, "suspended", scene.harness.clock() + DAY)
    assert await names(scene, community, by="成员") == ["成员"]
    seen = await scene.see(scene.again("成员"), f"/v1/communities/{community['id']}")
    assert seen == {"id": community["id"], "slug": community["slug"], "name": "数据社群", "status": "open"}
    assert (await scene.see(scene.again("成员"), "/v1/communities"))["items"] == []
    scene.harness.clock.advance(DAY)
    assert len((await scene.see(scene.again("成员"), "/v1/communities", mine=True))["items"]) == 1
    assert await names(scene, community, by="成员") == ["owner", "成员", "另一位"]


async def test_who_is_no_member_sees_no_roster(scene, community):
    member = await scene.member("成员", community)
    await registered(scene, "路人")
    await scene.see(scene.again("路人"), "/v1/members", community_id=community["id"], status=403)
    await scene.see(scene.again("路人"), f"/v1/members/{member['id']}", status=403)
    hidden = await scene.community(visibility="private")
    await scene.see(scene.again("路人"), "/v1/members", community_id=hidden["id"], status=404)


async def test_pages_follow_one_another_by_name(scene, community):
    for name in ("张伟", "王丽", "陈强"):
        await scene.member(name, community)
    path, owner = "/v1/members", scene.again("owner")
    first = await scene.see(owner, path, community_id=community["id"], sort="name", limit=2, count=True)
    rest = await scene.see(owner, path, community_id=community["id"], sort="name", limit=2, cursor=first["next"])
    assert [member["display_name"] for member in first["items"] + rest["items"]] == ["陈强", "owner", "王丽", "张伟"]
    assert (first["total"], rest["next"]) == ({"value": 4, "exact": True}, None)


@pytest.mark.parametrize(
    ("sort", "order"), [("joined_at", ["王一", "王二", "王三"]), ("-joined_at", ["王三", "王二", "王一"])]
)
async def test_a_list_by_many_filters_continues_in_its_order(scene, community, sort, order):
    for name in ("王一", "王二", "李四", "王三"):
        scene.harness.clock.advance(timedelta(minutes=1))
        await scene.role(name, community, "mentor")
    await scene.member("王五", community)
    until = (scene.harness.clock() + timedelta(minutes=1)).isoformat()
    query = {
        "community_id": community["id"],
        "q": "wang",
        "role": "mentor",
        "status": "active",
        "sort": sort,
        "to": until,
    }
    query["limit"], owner = 2, scene.again("owner")
    first = (await owner.get("/v1/members", params=query)).json()
    rest = (await owner.get("/v1/members", params=query | {"cursor": first["next"]})).json()
    assert [one["display_name"] for one in first["items"] + rest["items"]] == order
    assert (len(first["items"]), rest["next"]) == (2, None)


# --- leaving and coming back ---------------------------------------------------------------------------------------


async def test_who_leaves_keeps_his_record_and_takes_it_up_again(scene, community):
    member = await scene.member("成员", community)
    await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": member["id"], "role": "mentor"})
    left = await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    assert (left["status"], left["roles"]) == ("left", [])
    campaign = await scene.campaign(community)
    scene.harness.clock.advance(DAY)
    await scene.decide(await scene.apply("成员", campaign), "accepted")
    back = await scene.see(scene.again("成员"), f"/v1/members/{member['id']}")
    assert (back["status"], back["via"], back["roles"], back["ended_at"]) == ("active", "application", [], None)
    told = [m for m in await scene.harness.published("member.") if m.subject == member["id"]]
    assert [m.type.split(".")[3] for m in told] == ["joined", "role_changed", "left", "joined"]
    assert [m.version for m in told] == [1, 2, 3, 4]
    assert told[2].data["before"] == {"roles": ["mentor"], "status": "active"}
    assert told[3].data["before"] == {"status": "left"}


async def test_nobody_leaves_for_another(scene, community):
    member = await scene.member("成员", community)
    await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/leave", status=403)


async def test_removing_takes_a_reason_and_leaves_a_trace(scene, community):
    member = await scene.member("成员", community)
    await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/remove", {}, status=422)
    body = {"reason": "从未参加"}
    removed = await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/remove", body)
    assert removed["status"] == "left"
    again = await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/remove", body, status=409)
    assert (again["code"], again["state"]) == ("illegal_transition", "left")
    trail = [entry for entry in await scene.audit(community["id"]) if entry["action"] == "member.remove"]
    assert [entry["changes"]["status"] for entry in trail] == [["active", "left"]]


async def test_an_operator_removes_neither_owners_nor_operators(scene, community):
    await scene.role("运营", community, "operator")
    other = await scene.role("运营二", community, "operator")
    member = await scene.member("成员", community)
    body = {"reason": "x"}
    await scene.send(scene.again("运营"), f"/v1/members/{other['member_id']}/remove", body, status=403)
    viewer = (await scene.see(scene.again("运营"), f"/v1/members/{other['member_id']}"))["viewer"]
    expected = {"leave": "forbidden", "remove": "forbidden", "mute": "forbidden", "unmute": "illegal_transition"}
    assert viewer == {"can": [], "cannot": expected}
    await scene.send(scene.again("运营"), f"/v1/members/{member['id']}/remove", body)


async def test_a_batch_removes_each_as_if_alone(scene, community):
    one, two = await scene.member("一", community), await scene.member("二", community)
    owner_id = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], role="owner"))[
        "items"
    ][0]["id"]
    body = {"action": "remove", "ids": [one["id"], owner_id, two["id"]], "reason": "整理"}
    answer = await scene.send(scene.again("owner"), "/v1/members/batch", body)
    codes = [(item["status"], (item["problem"] or {}).get("code")) for item in answer["items"]]
    assert codes == [(200, None), (403, "conflict_of_interest"), (200, None)]


# --- roles ---------------------------------------------------------------------------------------------------------


async def test_a_role_is_given_told_and_taken_away(scene, community):
    granted = await scene.role("版主", community, "moderator")
    giver = granted["given_by"]
    assert (giver["kind"], giver["id"], giver["display_name"]) == ("person", str(scene.people["owner"]), "owner")
    assert (giver["member_id"] is not None, granted["active"]) == (True, True)
    revoked = await scene.send(scene.again("owner"), f"/v1/role-grants/{granted['id']}/revoke")
    assert (revoked["active"], revoked["revoked_by"]) == (False, giver)
    told = await scene.told("role_changed")
    assert [(state["roles"], state["before"]["roles"]) for state in told] == [(["moderator"], []), ([], ["moderator"])]
    again = await scene.send(scene.again("owner"), f"/v1/role-grants/{granted['id']}/revoke", status=409)
    assert again["code"] == "illegal_transition"


async def test_a_role_ends_by_the_clock_and_that_is_told_later(scene, community):
    member = await scene.member("讲师", community)
    until = scene.harness.clock() + DAY
    body = {"member_id": member["id"], "role": "lecturer", "until": until.isoformat()}
    await scene.send(scene.again("owner"), "/v1/role-grants", body, status=201)
    scene.harness.clock.advance(2 * DAY)
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["roles"] == []
    assert await names(scene, community, role="lecturer") == []
    await scene.harness.run_timers()
    told = (await scene.harness.published("role_changed"))[-1]
    assert (told.occurred_at, told.data["roles"], told.data["before"]) == (until, [], {"roles": ["lecturer"]})


async def test_a_role_that_ended_unrecorded_is_given_anew(scene, community):
    member = await scene.member("讲师", community)
    until = scene.harness.clock() + DAY
    body = {"member_id": member["id"], "role": "lecturer", "until": until.isoformat()}
    await scene.send(scene.again("owner"), "/v1/role-grants", body, status=201)
    scene.harness.clock.advance(2 * DAY)
    await scene.send(scene.again("owner"), "/v1/role-grants", body | {"until": None}, status=201)
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["roles"] == ["lecturer"]


async def test_one_role_is_held_once(scene, community):
    granted = await scene.role("版主", community, "moderator")
    body = {"member_id": granted["member_id"], "role": "moderator"}
    assert (await scene.send(scene.again("owner"), "/v1/role-grants", body, status=409))["code"] == "already_exists"


async def test_each_gives_what_his_row_allows(scene, community):
    await scene.role("运营", community, "operator")
    member = await scene.member("成员", community)
    for role, by_operator in (("mentor", 201), ("operator", 403), ("owner", 403)):
        body = {"member_id": member["id"], "role": role}
        await scene.send(scene.again("运营"), "/v1/role-grants", body, status=by_operator)
    for role, by_admin in (("lecturer", 403), ("owner", 201)):
        await scene.send(scene.admin, "/v1/role-grants", {"member_id": member["id"], "role": role}, status=by_admin)
    own = await scene.see(scene.again("运营"), "/v1/members", community_id=community["id"], q="运营")
    body = {"member_id": own["items"][0]["id"], "role": "mentor"}
    assert (await scene.send(scene.again("运营"), "/v1/role-grants", body, status=403))[
        "code"
    ] == "conflict_of_interest"
    await scene.send(scene.again("成员"), "/v1/role-grants", body | {"role": "moderator"}, status=201)


async def test_the_last_owner_stays(scene, community):
    listed = await scene.see(scene.again("owner"), "/v1/role-grants", community_id=community["id"], role="owner")
    grant = listed["items"][0]
    for path in (f"/v1/role-grants/{grant['id']}/revoke", f"/v1/members/{grant['member_id']}/leave"):
        assert (await scene.send(scene.again("owner"), path, status=409))["code"] == "last_owner"
    viewer = (await scene.see(scene.again("owner"), f"/v1/members/{grant['member_id']}"))["viewer"]
    assert viewer["cannot"]["leave"] == "last_owner"


@pytest.mark.parametrize("suspended", ["as a member", "as a person"])
async def test_a_suspended_owner_does_not_count_as_the_other_owner(scene, community, suspended):
    second = await scene.role("第二位", community, "owner")
    first = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q="owner"))["items"][0]
    until = scene.harness.clock() + DAY
    if suspended == "as a person":
        await scene.send(scene.admin, f"/v1/people/{scene.people['第二位']}/suspend", {})
    else:
        await set_status(scene, {"id": second["member_id"]}, "suspended", until)
    path = f"/v1/members/{first['id']}"
    assert (await scene.see(scene.again("owner"), path))["viewer"]["cannot"]["leave"] == "last_owner"
    assert (await scene.send(scene.again("owner"), f"{path}/leave", status=409))["code"] == "last_owner"
    if suspended == "as a person":
        await scene.send(scene.admin, f"/v1/people/{scene.people['第二位']}/reinstate", {})
    else:
        scene.harness.clock.advance(DAY)
    await scene.send(scene.again("owner"), f"{path}/leave")


async def test_of_two_owners_who_leave_at_the_same_moment_one_stays(scene, community):
    second = await scene.role("第二位", community, "owner")
    first = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q="owner"))["items"][0]
    answers = await asyncio.gather(
        scene.again("owner").post(f"/v1/members/{first['id']}/leave"),
        scene.again("第二位").post(f"/v1/members/{second['member_id']}/leave"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_who_leaves_the_company_leaves_every_community_even_as_the_last_owner(scene, community):
    await scene.send(scene.admin, f"/v1/people/{scene.people['owner']}/leave", {})
    answer = await scene.admin.get("/v1/members", params={"community_id": community["id"], "status": "left"})
    assert [member["display_name"] for member in answer.json()["items"]] == ["owner"]


# --- imports -------------------------------------------------------------------------------------------------------


async def test_a_roster_is_imported_with_its_dates_and_marked_as_history(scene, community):
    await registered(scene, "一", "二")
    rows = [
        {"employee_no": await scene.number("一"), "joined_at": "2019-03-01T09:00:00+08:00", "channel": "poster"},
        {"employee_no": await scene.number("二"), "joined_at": "2020-03-01T00:00:00Z"},
    ]
    job, errors = await scene.import_members(community, rows)
    assert (job["state"], job["done"], job["failed"], errors) == ("succeeded", 2, 0, [])
    assert job["result"] == {"created": 2, "changed": 0, "unchanged": 0}
    joined = [m for m in await scene.harness.published("member.joined") if m.data["via"] == "import"]
    assert [(m.occurred_at.isoformat(), m.backfill, m.data.get("channel")) for m in joined] == [
        ("2019-03-01T01:00:00+00:00", True, "poster"),
        ("2020-03-01T00:00:00+00:00", True, None),
    ]
    assert await names(scene, community) == ["一", "二", "owner"]


async def test_an_import_that_is_run_again_changes_nothing(scene, community):
    await registered(scene, "一")
    rows = [{"employee_no": await scene.number("一"), "joined_at": "2019-03-01T09:00:00+08:00"}]
    await scene.import_members(community, rows)
    published = len(await scene.told("member."))
    job, errors = await scene.import_members(community, rows + rows)
    assert (job["result"], errors) == ({"created": 0, "changed": 0, "unchanged": 2}, [])
    assert len(await scene.told("member.")) == published


async def test_a_row_twice_in_one_file_makes_one_member(scene, community):
    await registered(scene, "一")
    rows = [{"employee_no": await scene.number("一")}] * 2
    job, errors = await scene.import_members(community, rows)
    assert (job["result"]["created"], job["result"]["unchanged"], errors) == (1, 1, [])


async def test_a_dry_run_says_what_would_happen_and_does_nothing(scene, community):
    await registered(scene, "一")
    rows = [{"employee_no": await scene.number("一")}, {"employee_no": "nobody"}]
    job, errors = await scene.import_members(community, rows, dry_run=True)
    assert (job["result"]["created"], [error["code"] for error in errors]) == (1, ["unknown_person"])
    assert await names(scene, community) == ["owner"]


async def test_bad_rows_are_named_and_hinder_no_other(scene, community):
    await registered(scene, "一", "离职")
    await scene.send(scene.admin, f"/v1/people/{scene.people['离职']}/leave", {})
    tomorrow = (scene.harness.clock() + DAY).isoformat()
    number = await scene.number("一")
    rows = [
        {"employee_no": "nobody"},
        {"employee_no": number, "joined_at": tomorrow},
        {"employee_no": number, "joined_at": "yesterday"},
        {"employee_no": number, "cohort": "none"},
        {"employee_no": await scene.number("离职")},
        {"joined_at": "2019-03-01T09:00:00+08:00"},
        {"employee_no": number, "role": "owner"},
        {"employee_no": number},
    ]
    job, errors = await scene.import_members(community, rows)
    assert (job["done"], job["failed"]) == (8, 7)
    assert [(error["row"], error["code"]) for error in errors] == [
        (1, "unknown_person"),
        (2, "in_the_future"),
        (3, "not_a_time"),
        (4, "unknown_cohort"),
        (5, "person_left"),
        (6, "required"),
        (7, "unknown_column"),
    ]
    assert await names(scene, community) == ["owner", "一"]


async def test_a_day_of_joining_is_of_the_communitys_zone(scene, community):
    await registered(scene, "一")
    number = await scene.number("一")
    job, _ = await scene.import_members(community, [{"employee_no": number, "joined_at": "2019/3/1"}])
    assert job["result"]["created"] == 1
    (listed,) = (await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q="一"))["items"]
    assert listed["joined_at"] == "2019-02-28T16:00:00Z"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No person has this employee number."), ("zh-CN", "没有该工号的人员。")]
)
async def test_what_is_wrong_with_a_row_is_said_in_the_language_of_who_uploaded_it(scene, community, language, said):
    _, errors = await scene.import_members(community, [{"employee_no": "nobody"}], language=language)
    assert [error["text"] for error in errors] == [said]


async def test_an_import_brings_nobody_back_who_has_left_since(scene, community):
    member = await scene.member("一", community, joined_at="2019-03-01T09:00:00+08:00")
    await scene.send(scene.again("一"), f"/v1/members/{member['id']}/leave")
    row = {"employee_no": await scene.number("一")}
    _, errors = await scene.import_members(community, [row, row | {"joined_at": "2019-03-01T09:00:00+08:00"}])
    assert [error["code"] for error in errors] == ["member_left", "member_left"]
    later = scene.harness.clock.advance(DAY) - timedelta(minutes=1)
    job, _ = await scene.import_members(community, [row | {"joined_at": later.isoformat()}])
    assert job["result"]["created"] == 1


async def test_an_import_sets_the_cohort_of_who_is_a_member_already(scene, community):
    await scene.member("一", community)
    body = {"community_id": community["id"], "code": "c1", "name": "第一期"}
    made = await scene.send(scene.again("owner"), "/v1/cohorts", body, status=201)
    job, _ = await scene.import_members(community, [{"employee_no": await scene.number("一"), "cohort": "c1"}])
    assert job["result"]["changed"] == 1
    assert await names(scene, community, cohort_id=made["id"]) == ["一"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("工号,年龄\n1,2\n", "unknown_column"),
        ("加入时间\n2020-01-01\n", "missing_column"),
        ("工号,Employee number\n1,2\n", "duplicate_column"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_at_once(scene, community, content, reason):
    account = scene.harness.as_service("members.import")
    answer = await account.post(
        "/v1/members/imports",
        params={"community_id": community["id"]},
        content=content.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "table_invalid", reason)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_the_file_offered_for_filling_in_can_be_imported(scene, community, file_format):
    account = scene.harness.as_service("members.import")
    params = {"community_id": community["id"]}
    offered = await account.get("/v1/members/imports/template", params=params | {"format": file_format})
    assert offered.headers["Content-Disposition"] == f'attachment; filename="members.{file_format}"'
    answer = await account.post(
        "/v1/members/imports",
        params=params,
        content=offered.content,
        headers={"Content-Type": offered.headers["Content-Type"]},
    )
    assert answer.status_code == 202


async def test_a_service_account_imports_within_its_communities_only(scene, community):
    elsewhere = await scene.community()
    account = scene.harness.as_service("members.import", communities=[elsewhere["id"]])
    answer = await account.post(
        "/v1/members/imports",
        params={"community_id": community["id"]},
        content=b'{"employee_no": "1"}',
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code in (403, 404)


@pytest.mark.slow
async def test_an_import_of_many_takes_up_where_it_was_stopped(scene, community):
    numbers = [f"E{n:05}" for n in range(1200)]
    await scene.import_people([(number, "人") for number in numbers])
    members = [{"employee_no": number, "joined_at": "2020-01-01T00:00:00Z"} for number in numbers]
    await scene.stop_import_after(community, members, steps=1)
    half_way = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], count=True)
    assert half_way["total"]["value"] == 501
    await scene.harness.run_jobs()
    listed = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], count=True)
    assert listed["total"]["value"] == 1201
    assert len(await scene.told("member.joined")) == 1201


async def test_a_declared_encoding_of_an_upload_is_believed(scene, community):
    content = "employee_no,channel\nnobody,捷運廣告\n".encode("big5")
    answers = {}
    for media_type in ("text/csv", "text/csv; charset=Big5"):
        answers[media_type] = await scene.harness.as_service("members.import").post(
            "/v1/members/imports",
            params={"community_id": community["id"], "dry_run": True},
            content=content,
            headers={"content-type": media_type},
        )
    assert answers["text/csv"].json()["reason"] == "wrong_encoding"
    assert answers["text/csv; charset=Big5"].status_code == 202
