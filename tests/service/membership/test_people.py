import asyncio
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert
from sqlmodel import col

from services.membership.people.models import PersonSearchKey


async def test_a_registered_person_is_announced_once(membership):
    person = await membership.person("张伟", employee_no="00123", email="Zhang.Wei@Example.com", department_code=None)
    (message,) = [m for m in await membership.harness.published("person.registered") if m.subject == person["id"]]
    assert message.version == 1
    assert message.actor == f"person:{membership.admin_id}"
    assert message.data["employee_no"] == "00123"
    assert message.data["status"] == "active"
    assert not {"email", "phone"} & message.data.keys()


async def test_identifiers_are_kept_in_one_way_of_writing(membership):
    person = await membership.person(employee_no=" 00A7 ", email="Ｚhang@Example.COM", phone="+86 138 0013 8000")
    assert (person["employee_no"], person["email"], person["phone"]) == ("00A7", "zhang@example.com", "13800138000")


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("email", "zhang@example.com", "ZHANG@example.com"),
        ("employee_no", "a7", "A7"),
        ("phone", "13800138000", "+86-138-0013-8000"),
    ],
)
async def test_an_identifier_used_twice_in_another_way_of_writing_is_refused(membership, field, first, second):
    await membership.person(**{field: first})
    answer = await membership.admin.post("/v1/people", json={"display_name": "李雷", field: second})
    assert answer.status_code == 409
    assert answer.json()["code"] == "identifier_taken"
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"phone": "13800138000"}, {"employee_no": "138-0013-8000"}),
        ({"employee_no": "+8613800138000"}, {"phone": "13800138000"}),
        ({"email": "zhang@example.com"}, {"employee_no": "Zhang@example.com"}),
        ({"employee_no": "zhang@example.com"}, {"email": "zhang@example.com"}),
    ],
)
async def test_nobody_gets_an_identifier_with_which_another_logs_in(membership, first, second):
    await membership.person(**first)
    answer = await membership.admin.post("/v1/people", json={"display_name": "李雷", **second})
    assert (answer.status_code, answer.json()["code"]) == (409, "identifier_taken")
    (field,) = second
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    same = await membership.admin.post(
        "/v1/people", json={"display_name": "李雷", "employee_no": "66666", "phone": "66666"}
    )
    assert same.status_code == 201, "of one person they may be the same"


async def test_a_person_needs_one_identifier(membership):
    answer = await membership.admin.post("/v1/people", json={"display_name": "李雷"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_identified")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"phone": "1.38E+10"},
        {"display_name": " "},
        {"display_name": "\u3164"},
        {"title": "\u2800\u200b"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "localtime"},
        {"time_zone": "Factory"},
        {"hired_on": "0001-01-01"},
        {"hired_on": "9999-12-31"},
        {"hired_on": 20240105},
        {"locale": "fr"},
        {"avatar_url": "javascript:alert(1)"},
        {"status": "left"},
        {"id": str(uuid4())},
        {"messages_published": 7},
    ],
)
async def test_what_cannot_be_a_person_is_refused_by_field(membership, wrong):
    answer = await membership.admin.post("/v1/people", json={"display_name": "李雷", "employee_no": "1", **wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(wrong))}"


async def test_people_are_found_by_name_number_pinyin_and_initials(membership):
    await membership.person("张伟", employee_no="A0012", email="zw@example.com", phone="13800138000")
    await membership.person("曾国藩", employee_no="B0001")
    for query in ("张", "伟", "zhangwei", "zw", "ZHANG W", "a00", "zw@example.com", "138-0013-8000"):
        assert await membership.find(q=query) == ["张伟"], query
    assert await membership.find(q="zengguo") == ["曾国藩"]
    assert await membership.find(q="wz") == []


@pytest.mark.parametrize("name", ["张\U0002ebf0", "张\ue863", "古丽•努尔", "吕布"])
async def test_a_name_is_kept_with_every_character_it_has(membership, name):
    person = await membership.person(name)
    assert person["display_name"] == name
    assert await membership.find(q=name) == [name]


async def test_names_are_found_however_their_dots_and_umlauts_are_typed(membership):
    await membership.person("古丽•努尔")
    await membership.person("吕布")
    for query in ("古丽·努尔", "古丽努尔", "古丽・努"):
        assert await membership.find(q=query) == ["古丽•努尔"], query
    for query in ("lyu", "lü", "lv", "lu", "LÜ B", "lyubu"):
        assert await membership.find(q=query) == ["吕布"], query


async def test_a_renamed_person_is_found_by_the_new_name_only(membership):
    person = await membership.person("张伟")
    read = await membership.admin.get(f"/v1/people/{person['id']}")
    answer = await membership.admin.patch(
        f"/v1/people/{person['id']}", json={"display_name": "欧阳锋"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert answer.status_code == 200, answer.text
    assert await membership.find(q="zhangwei") == []
    assert await membership.find(q="oyf") == ["欧阳锋"]


async def test_lists_go_page_by_page_in_the_order_of_pinyin(membership):
    for name in ("张伟", "李雷", "韩梅梅", "安娜", "曾国藩"):
        await membership.person(name)
    first = (await membership.admin.get("/v1/people", params={"limit": 3, "kind": "employee", "count": True})).json()
    second = (
        await membership.admin.get("/v1/people", params={"limit": 3, "kind": "employee", "cursor": first["next"]})
    ).json()
    names = [item["display_name"] for item in first["items"] + second["items"]]
    assert names == ["Administrator", "安娜", "韩梅梅", "李雷", "曾国藩", "张伟"]
    assert first["total"] == {"value": 6, "exact": True}


async def test_a_department_takes_everything_below_it(membership):
    for code, parent in (("D0", None), ("D1", "D0"), ("D2", "D1"), ("E0", None)):
        await membership.admin.post("/v1/departments", json={"code": code, "name": code, "parent_code": parent})
    await membership.person("安娜", department_code="D0")
    await membership.person("李雷", department_code="D2")
    await membership.person("张伟", department_code="E0")
    assert await membership.find(department="D0") == ["安娜", "李雷"]
    assert await membership.find(department="D2") == ["李雷"]
    assert await membership.find(department="nowhere") == []


async def test_an_unknown_department_is_refused(membership):
    body = {"display_name": "李雷", "employee_no": "1", "department_code": "D9"}
    answer = await membership.admin.post("/v1/people", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_department")


async def test_a_patch_needs_the_present_version(membership):
    person = await membership.person()
    url = f"/v1/people/{person['id']}"
    assert (await membership.admin.patch(url, json={"title": "x"})).status_code == 428
    etag = (await membership.admin.get(url)).headers["ETag"]
    first = await membership.admin.patch(url, json={"title": "工程师"}, headers={"If-Match": etag})
    assert first.status_code == 200
    assert first.headers["ETag"] != etag
    assert (await membership.admin.patch(url, json={"title": "y"}, headers={"If-Match": etag})).status_code == 412


async def test_a_merge_patch_clears_with_null_and_leaves_the_rest(membership):
    person = await membership.person(title="工程师", site="上海")
    url = f"/v1/people/{person['id']}"
    etag = (await membership.admin.get(url)).headers["ETag"]
    answer = await membership.admin.patch(url, json={"title": None}, headers={"If-Match": etag})
    assert (answer.json()["title"], answer.json()["site"]) == (None, "上海")


async def test_a_new_grade_is_told_with_the_day_since_when_it_holds(membership):
    person = await membership.person(job_grade="P6", grade_since="2024-01-01", site="上海")
    url = f"/v1/people/{person['id']}"
    etag = (await membership.admin.get(url)).headers["ETag"]
    answer = await membership.admin.patch(url, json={"job_grade": "M1"}, headers={"If-Match": etag})
    today = membership.harness.clock().date().isoformat()
    assert answer.json()["grade_since"] == today
    told = [m.data for m in await membership.harness.published("person.") if m.subject == person["id"]]
    assert [(one["job_grade"], one["grade_since"], one["site"]) for one in told] == [
        ("P6", "2024-01-01", "上海"),
        ("M1", today, "上海"),
    ]


async def test_the_last_identifier_cannot_be_cleared(membership):
    person = await membership.person(employee_no="1")
    url = f"/v1/people/{person['id']}"
    etag = (await membership.admin.get(url)).headers["ETag"]
    answer = await membership.admin.patch(url, json={"employee_no": None}, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_identified")


async def test_only_what_others_may_know_is_told_and_versions_have_no_gap(membership):
    person = await membership.person(phone="13800138000")
    url = f"/v1/people/{person['id']}"
    for patch in ({"phone": "13900139000"}, {"title": "工程师"}, {"title": "工程师"}, {"title": "架构师"}):
        etag = (await membership.admin.get(url)).headers["ETag"]
        assert (await membership.admin.patch(url, json=patch, headers={"If-Match": etag})).status_code == 200
    told = [m for m in await membership.harness.published("person.") if m.subject == person["id"]]
    assert [(m.type.split(".")[3], m.version) for m in told] == [("registered", 1), ("updated", 2), ("updated", 3)]


async def move(membership, person, action, **body):
    return await membership.admin.post(f"/v1/people/{person['id']}/{action}", json=body or None)


async def test_a_person_is_suspended_reinstated_leaves_and_returns(membership):
    person = await membership.person(hired_on="2020-01-01")
    for action, status in (("suspend", "suspended"), ("reinstate", "active"), ("leave", "left"), ("rehire", "active")):
        answer = await move(membership, person, action)
        assert (answer.status_code, answer.json()["status"]) == (200, status)
    told = [m for m in await membership.harness.published("person.") if m.subject == person["id"]]
    assert [m.type.split(".")[3] for m in told] == ["registered", "suspended", "reinstated", "left", "reinstated"]
    assert [m.version for m in told] == [1, 2, 3, 4, 5]
    returned = (await membership.admin.get(f"/v1/people/{person['id']}")).json()
    assert (returned["hired_on"], returned["left_on"]) == ("2020-01-01", None)


async def test_commands_answer_the_person_as_they_are_read(membership):
    person = await membership.person("张伟", employee_no="1")
    url = f"/v1/people/{person['id']}"

    async def read():
        answer = await membership.admin.get(url)
        return answer.json(), answer.headers["ETag"]

    seen, version = await read()
    assert person == seen
    changed = await membership.admin.patch(url, json={"title": "经理"}, headers={"If-Match": version})
    assert (changed.json(), changed.headers["ETag"]) == await read()
    for action in ("suspend", "reinstate", "leave", "rehire"):
        moved = await move(membership, person, action)
        assert (moved.json(), moved.headers["ETag"]) == await read()


@pytest.mark.parametrize("action", ["reinstate", "rehire"])
async def test_a_transition_out_of_order_is_refused_with_the_state(membership, action):
    person = await membership.person()
    answer = await move(membership, person, action)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer.json()["state"] == "active"


async def test_what_the_viewer_can_do_is_what_the_commands_do(membership):
    person = await membership.person()
    for step in ("suspend", "leave", "rehire"):
        viewer = (await membership.admin.get(f"/v1/people/{person['id']}")).json()["viewer"]
        for action, code in viewer["cannot"].items():
            assert (await move(membership, person, action)).json()["code"] == code
        assert step in viewer["can"]
        assert (await move(membership, person, step)).status_code == 200


async def test_the_last_day_is_not_far_in_the_future(membership):
    person = await membership.person()
    later = (membership.harness.clock() + timedelta(days=3)).date().isoformat()
    assert (await move(membership, person, "leave", left_on=later)).status_code == 422


async def test_nobody_suspends_himself(membership):
    assert (await move(membership, {"id": membership.admin_id}, "suspend")).status_code == 409


async def test_who_has_no_platform_role_reads_and_writes_nobody(membership):
    await membership.activated(employee_no="7")
    client = await membership.entered("7")
    assert (await client.get("/v1/people")).status_code == 403
    assert (await client.post("/v1/people", json={})).status_code == 403
    assert (await membership.anonymous.get("/v1/people")).status_code == 401


async def test_hr_keeps_people_but_does_not_touch_administrators_log_ins(membership):
    person = await membership.activated(employee_no="7")
    granted = await membership.admin.post(f"/v1/people/{person['id']}/platform-roles", json={"role": "hr"})
    assert granted.status_code == 201
    client = await membership.entered("7")
    admin = f"/v1/people/{membership.admin_id}"
    etag = (await client.get(admin)).headers["ETag"]
    stolen = await client.patch(admin, json={"email": "mine@example.com"}, headers={"If-Match": etag})
    assert (stolen.status_code, stolen.json()["code"]) == (403, "account_protected")
    assert (await client.post(f"{admin}/password-reset-code")).json()["code"] == "account_protected"
    assert (await client.post(f"{admin}/suspend")).json()["code"] == "account_protected"
    assert (await client.post(f"{admin}/platform-roles", json={"role": "hr"})).status_code == 403


async def test_a_revoked_platform_role_is_worth_nothing_at_once(membership):
    person = await membership.activated(employee_no="7")
    await membership.admin.post(f"/v1/people/{person['id']}/platform-roles", json={"role": "hr"})
    client = await membership.entered("7")
    assert (await client.get("/v1/people")).status_code == 200
    revoked = await membership.admin.delete(f"/v1/people/{person['id']}/platform-roles/hr")
    assert revoked.status_code == 204
    assert (await client.get("/v1/people")).status_code == 403


async def test_the_last_administrator_stays(membership):
    answer = await membership.admin.delete(f"/v1/people/{membership.admin_id}/platform-roles/admin")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")


async def test_i_see_myself_and_change_only_what_is_mine_to_say(membership):
    await membership.activated(employee_no="7", title="工程师")
    client = await membership.entered("7")
    me = await client.get("/v1/people/me")
    assert me.json()["title"] == "工程师"
    assert me.json()["memberships"] == []
    match = {"If-Match": me.headers["ETag"]}
    assert (await client.patch("/v1/people/me", json={"title": "CEO"}, headers=match)).status_code == 422
    changed = await client.patch("/v1/people/me", json={"time_zone": "Asia/Tokyo", "locale": "zh"}, headers=match)
    assert (changed.json()["time_zone"], changed.json()["locale"]) == ("Asia/Tokyo", "zh-CN")
    assert changed.json() == (await client.get("/v1/people/me")).json()


async def test_a_repeated_registration_with_one_key_registers_once(membership):
    body = {"display_name": "张伟", "employee_no": "1"}
    answers = [await membership.admin.post("/v1/people", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"


async def test_commands_leave_their_trace_without_personal_data(membership):
    person = await membership.person("张伟", email="zhang@example.com")
    await move(membership, person, "suspend")
    answer = await membership.admin.get("/internal/audit", params={"object_id": person["id"]})
    entries = {entry["action"]: entry for entry in answer.json()["items"]}
    assert entries["person.suspend"]["changes"]["status"] == ["active", "suspended"]
    assert entries["person.register"]["changes"]["email"] == [None, "***"]
    assert "zhang@example.com" not in answer.text


async def test_of_many_who_take_one_email_at_once_one_gets_it(membership):
    body = {"display_name": "张伟", "email": "one@example.com"}
    answers = await asyncio.gather(*(membership.admin.post("/v1/people", json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert await membership.find(q="one@example.com") == ["张伟"]


async def test_administrators_who_take_each_others_role_away_leave_one(membership):
    person = await membership.activated(employee_no="7")
    await membership.admin.post(f"/v1/people/{person['id']}/platform-roles", json={"role": "admin"})
    second = await membership.entered("7")
    answers = await asyncio.gather(
        membership.admin.delete(f"/v1/people/{person['id']}/platform-roles/admin"),
        second.delete(f"/v1/people/{membership.admin_id}/platform-roles/admin"),
    )
    assert 204 in {answer.status_code for answer in answers}
    assert {answer.status_code for answer in answers} <= {204, 401, 403, 409}


async def test_people_kept_under_keys_of_an_earlier_rule_are_found_after_the_migration(scene):
    migration = import_module("services.membership.migrations.0006_names_are_found_as_they_are_asked_for")
    await scene.client("古丽•努尔")
    await scene.client("李四")
    async with scene.harness.runtime.database.transaction() as session:
        as_before = {"key": "古丽•努尔", "person_id": scene.people["古丽•努尔"]}
        await session.execute(delete(PersonSearchKey).where(col(PersonSearchKey.person_id) == as_before["person_id"]))
        await session.execute(insert(PersonSearchKey), [as_before])
    assert (await scene.see(scene.admin, "/v1/people", q="古丽·努尔"))["items"] == []
    async with scene.harness.runtime.database.transaction() as session:
        connection = await session.connection()
        assert await connection.run_sync(migration.rebuild) == 1
        assert await connection.run_sync(migration.rebuild) == 0
    for asked in ("古丽·努尔", "努尔", "guli"):
        found = (await scene.see(scene.admin, "/v1/people", q=asked))["items"]
        assert [person["display_name"] for person in found] == ["古丽•努尔"]


@pytest.mark.parametrize("number", ["13800138{n:03}", "+8613800138{n:03}"])
async def test_of_a_number_and_a_phone_that_are_one_log_in_one_is_registered_however_they_race(membership, number):
    for n in range(6):
        rivals = [{"employee_no": number.format(n=n)}, {"phone": f"13800138{n:03}"}]
        answers = await asyncio.gather(
            *(membership.admin.post("/v1/people", json={"display_name": "张伟", **one}) for one in rivals)
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
