import io
from datetime import timedelta

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import select

from chassis.tabular import XLSX_TYPE
from services.membership.departments.models import Department
from services.membership.directory.imports import PersonBatch, people_import
from services.membership.people.logins import hold_logins
from services.membership.people.models import Person

HEADER = "工号,姓名,邮箱,手机号,部门编码,职位,状态,离职日期\n"


async def people(membership):
    answer = await membership.admin.get("/v1/people", params={"limit": 100})
    return {item["employee_no"]: item for item in answer.json()["items"] if item["employee_no"]}


def codes(errors):
    return [(error["row"], error["code"]) for error in errors]


async def test_people_come_from_a_spreadsheet_and_are_announced(membership):
    content = HEADER + "00123,张伟,ZW@example.com,138-0013-8000,,工程师,,\n00124,李雷,,,,,,\n"
    job, errors = await membership.import_file("people", content)
    assert (job["state"], job["done"], job["failed"], job["total"]) == ("succeeded", 2, 0, 2)
    assert job["result"] == {"created": 2, "changed": 0, "unchanged": 0}
    assert errors == []
    found = await people(membership)
    assert (found["00123"]["email"], found["00123"]["phone"]) == ("zw@example.com", "13800138000")
    told = [
        m.data["employee_no"]
        for m in await membership.harness.published("person.registered")
        if "employee_no" in m.data
    ]
    assert told == ["00123", "00124"]
    assert await membership.find(q="zhangw") == ["张伟"]


async def test_gb18030_and_xlsx_are_read_too(membership):
    _, errors = await membership.import_file("people", "工号,姓名\n1,曾国藩\n".encode("gb18030"))
    assert errors == []
    book = Workbook()
    for row in (["工号", "姓名"], ["002", "李雷"], [3, "数字"]):
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    _, errors = await membership.import_file("people", content.getvalue(), media_type=XLSX_TYPE)
    assert codes(errors) == [(3, "number_not_text")]
    assert {number: person["display_name"] for number, person in (await people(membership)).items()} == {
        "1": "曾国藩",
        "002": "李雷",
    }


async def test_a_number_that_is_anothers_phone_is_an_error_of_its_row(membership):
    await membership.person("王芳", phone="13800138000")
    content = (
        HEADER
        + "13800138000,张伟,,,,,,\n66666,李雷,,66666,,,,\n2,韩梅,,66667,,,,\n66667,李明,,,,,,\n3,小红,,66666,,,,\n"
    )
    job, errors = await membership.import_file("people", content)
    assert codes(errors) == [(2, "login_taken"), (5, "login_taken"), (6, "duplicate_in_file")]
    assert job["result"]["created"] == 2


async def test_the_same_file_again_changes_nothing(membership):
    content = HEADER + "1,张伟,zw@example.com,,,工程师,在职,\n"
    await membership.import_file("people", content)
    before = await people(membership)
    job, _ = await membership.import_file("people", content)
    assert job["result"] == {"created": 0, "changed": 0, "unchanged": 1}
    assert await people(membership) == before
    assert len(await membership.harness.published("person.")) == 2  # the administrator and one more


async def test_a_missing_column_changes_nothing_and_an_empty_cell_clears(membership):
    await membership.import_file("people", HEADER + "1,张伟,zw@example.com,,,工程师,,\n2,李雷,,,,,,\n")
    job, _ = await membership.import_file("people", "employee_no,display_name,title\n1,张大伟,\n")
    assert job["result"] == {"created": 0, "changed": 1, "unchanged": 0}
    found = await people(membership)
    assert (found["1"]["display_name"], found["1"]["title"], found["1"]["email"]) == ("张大伟", None, "zw@example.com")
    assert "2" in found
    assert await membership.find(q="zdw") == ["张大伟"]


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_dry_run_waits_for_nobody_who_writes(membership):
    await membership.import_file("people", HEADER + "1,张伟,,,,,,\n")
    await membership.import_file("departments", "code,name\nD1,一\n")
    async with membership.harness.runtime.database.transaction() as session:
        await session.exec(select(Person).with_for_update())
        await session.exec(select(Department).with_for_update())
        await hold_logins(session, [{"email": "zw@example.com"}])
        job, _ = await membership.import_file("people", HEADER + "1,张伟,zw@example.com,,,,,\n", dry_run=True)
        assert job["result"]["changed"] == 1
        job, _ = await membership.import_file("departments", "code,name\nD1,甲\n", dry_run=True)
        assert job["result"]["changed"] == 1


async def test_a_dry_run_finds_the_same_errors_and_writes_nothing(membership):
    await membership.person("王芳", email="taken@example.com")
    content = HEADER + "1,张伟,taken@example.com,,,,,\n2,李雷,,,D9,,,\n3,韩梅梅,,,,,,\n"
    dry, dry_errors = await membership.import_file("people", content, dry_run=True)
    assert dry["result"]["created"] == 1
    assert await people(membership) == {}
    _, errors = await membership.import_file("people", content)
    assert codes(dry_errors) == codes(errors) == [(2, "email_taken"), (3, "unknown_department")]
    assert [error["column"] for error in errors] == ["email", "department_code"]
    assert set(await people(membership)) == {"3"}


async def test_each_bad_row_is_named_and_stops_no_other(membership):
    content = HEADER + (
        "1,张伟,dup@example.com,,,,,\n"
        "1.23E+10,李雷,,,,,,\n"
        "3,,,,,,,\n"
        "4,王芳,DUP@example.com,,,,,\n"
        "5,赵,not-an-email,,,,,\n"
        "6,钱,,1.38E+10,,,,\n"
        "1,又一个,,,,,,\n"
        '7,"坏"行,,,,,,\n'
        "8,孙,,,,,,\n"
        "9,周,,,,,在职,2020-01-01\n"
        "10,吴,,,,,离职,2199-01-01\n"
        "a1,郑,,,,,,\n"
        "A1,王,,,,,,\n"
    )
    job, errors = await membership.import_file("people", content)
    assert codes(errors) == [
        (3, "mangled_number"),
        (4, "not_clearable"),
        (5, "duplicate_in_file"),
        (6, "invalid_email"),
        (7, "invalid_phone"),
        (8, "duplicate_in_file"),
        (9, "malformed_row"),
        (11, "left_on_without_leaving"),
        (12, "left_on_in_future"),
        (14, "duplicate_in_file"),
    ]
    assert (job["done"], job["failed"]) == (13, 10)
    assert set(await people(membership)) == {"1", "8", "a1"}
    assert "1.23E+10" in errors[0]["text"]


async def test_a_row_names_all_that_is_wrong_with_it(membership):
    content = "工号,姓名,邮箱,手机,入职日期\n1,,not-an-email,1.38E+10,someday\n,张伟,also-none,,\n"
    job, errors = await membership.import_file("people", content)
    first = ["invalid_email", "invalid_phone", "not_a_date", "not_clearable"]
    assert sorted(codes(errors)) == [*((2, code) for code in first), (3, "invalid_email"), (3, "required")]
    assert (job["done"], job["failed"]) == (2, 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("工号,血型\n1,A\n", "unknown_column"),
        ("姓名\n张伟\n", "missing_column"),
        ("工号\n1".encode("utf-16-le"), "wrong_encoding"),
        (b"PK\x03\x04 no zip", "not_xlsx"),
    ],
)
async def test_a_file_of_which_nothing_can_be_used_starts_no_job(membership, content, reason):
    body = content.encode() if isinstance(content, str) else content
    answer = await membership.admin.post("/v1/people/imports", content=body, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)


async def test_another_media_type_is_refused(membership):
    answer = await membership.admin.post(
        "/v1/people/imports", content=b"{}", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 415


async def test_an_email_can_change_hands_from_an_earlier_row_to_a_later_one(membership):
    await membership.import_file("people", HEADER + "1,张伟,shared@example.com,,,,,\n2,李雷,,,,,,\n")
    _, errors = await membership.import_file(
        "people", HEADER + "1,张伟,own@example.com,,,,,\n2,李雷,shared@example.com,,,,,\n3,新人,,,,,,\n"
    )
    assert errors == []
    found = await people(membership)
    assert (found["1"]["email"], found["2"]["email"]) == ("own@example.com", "shared@example.com")


async def test_who_leaves_and_returns_by_import_is_announced(membership):
    await membership.import_file("people", HEADER + "1,张伟,,,,,,\n")
    await membership.import_file("people", HEADER + "1,张伟,,,,,离职,2024-01-31\n")
    left = (await people(membership))["1"]
    assert (left["status"], left["left_on"]) == ("left", "2024-01-31")
    await membership.import_file("people", HEADER + "1,张伟,,,,,在职,\n")
    back = (await people(membership))["1"]
    assert (back["status"], back["left_on"]) == ("active", None)
    told = [m for m in await membership.harness.published("person.") if m.subject == back["id"]]
    assert [(m.type.split(".")[3], m.version) for m in told] == [("registered", 1), ("left", 2), ("reinstated", 3)]


async def test_sessions_of_who_leaves_by_import_end(membership):
    await membership.activated(employee_no="1")
    client = await membership.entered("1")
    await membership.import_file("people", "employee_no,status\n1,left\n")
    assert (await client.get("/v1/people/me")).json()["code"] == "session_revoked"


async def test_the_log_in_of_who_has_a_password_or_a_platform_role_is_not_changed(membership):
    await membership.activated(employee_no="1", email="one@example.com")
    auditor = await membership.person(employee_no="2", email="two@example.com")
    await membership.admin.post(f"/v1/people/{auditor['id']}/platform-roles", json={"role": "auditor"})
    content = "employee_no,email,status,title\n1,evil@example.com,,x\n2,vile@example.com,,x\n"
    _, errors = await membership.import_file("people", content)
    assert codes(errors) == [(2, "account_protected"), (3, "account_protected")]
    _, errors = await membership.import_file("people", "employee_no,status\n2,left\n")
    assert codes(errors) == [(2, "account_protected")]
    _, errors = await membership.import_file("people", "employee_no,email,title\n1,one@example.com,y\n")
    assert errors == []
    found = await people(membership)
    assert (found["1"]["email"], found["1"]["title"], found["2"]["status"]) == ("one@example.com", "y", "active")


async def test_an_import_by_a_program_with_the_scope(membership):
    program = await membership.account("people.import")
    answer = await program.post(
        "/v1/people/imports", content="工号,姓名\n1,张伟\n", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 202
    await membership.harness.run_jobs()
    job = (await program.get(answer.headers["Location"])).json()
    assert job["state"] == "succeeded"
    assert job["started_by"]["kind"] == "service"
    assert (await program.get("/v1/people")).status_code == 403
    without = await membership.account("people.read")
    refused = await without.post("/v1/people/imports", content="x", headers={"Content-Type": "text/csv"})
    assert refused.status_code == 403


async def test_a_job_that_was_killed_goes_on_where_it_stopped(membership, monkeypatch):
    monkeypatch.setattr(people_import, "rows_per_step", 2)
    rows = [f"{n},人{n},p{n % 4}@example.com,,,,,\n" for n in range(7)]
    answer = await membership.admin.post(
        "/v1/people/imports", content=(HEADER + "".join(rows)).encode(), headers={"Content-Type": "text/csv"}
    )
    begun = []

    def killed_in_the_third(*arguments):
        begun.append(arguments)
        if len(begun) == 3:
            raise SystemExit
        return PersonBatch(*arguments)

    monkeypatch.setattr(people_import, "batch", killed_in_the_third)
    with pytest.raises(SystemExit):
        await membership.harness.run_jobs()
    monkeypatch.setattr(people_import, "batch", PersonBatch)
    membership.harness.clock.advance(timedelta(minutes=2))
    await membership.harness.run_jobs()
    job = (await membership.admin.get(answer.headers["Location"])).json()
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", 7, 3)
    assert job["result"]["created"] == 4
    errors = (await membership.admin.get(answer.headers["Location"] + "/errors")).json()["items"]
    assert codes(errors) == [(6, "duplicate_in_file"), (7, "duplicate_in_file"), (8, "duplicate_in_file")]


async def test_a_manager_registered_after_his_department_is_announced(membership):
    await membership.import_file("departments", "code,name,manager_employee_no\nD1,研发部,007\n")
    await membership.import_file("people", "工号,姓名\n007,张伟\n")
    told = await membership.harness.published("department.updated")
    assert [("manager_person_id" in m.data, m.version) for m in told] == [(False, 1), (True, 2)]


async def test_departments_come_in_any_order_and_never_in_a_ring(membership):
    content = (
        "部门编码,部门名称,上级部门编码\nD3,三,D2\nD2,二,D1\nD1,一,\nX,叉,Y\nY,歪,X\nZ,零,nowhere\nD1,又一,\n,空,\n"
    )
    job, errors = await membership.import_file("departments", content)
    assert (job["done"], job["failed"]) == (8, 5)
    assert sorted(codes(errors)) == [
        (5, "unknown_parent"),
        (6, "unknown_parent"),
        (7, "unknown_parent"),
        (8, "duplicate_in_file"),
        (9, "required"),
    ]
    listed = (await membership.admin.get("/v1/departments", params={"under": "D1"})).json()["items"]
    assert [(item["code"], item["parent_code"]) for item in listed] == [("D1", None), ("D2", "D1"), ("D3", "D2")]
    _, errors = await membership.import_file("departments", "code,parent_code\nD1,D3\n")
    assert codes(errors) == [(2, "department_cycle")]


async def test_a_dry_run_of_departments_writes_nothing(membership):
    job, _ = await membership.import_file("departments", "code,name\nD1,一\n", dry_run=True)
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 0}
    assert (await membership.admin.get("/v1/departments")).json()["items"] == []


async def test_a_department_is_changed_but_never_put_below_itself(membership):
    for code, parent in (("A", None), ("B", "A"), ("C", "B")):
        body = {"code": code, "name": code, "parent_code": parent}
        assert (await membership.admin.post("/v1/departments", json=body)).status_code == 201
    etag = (await membership.admin.get("/v1/departments/A")).headers["ETag"]
    match = {"If-Match": etag}
    ring = await membership.admin.patch("/v1/departments/A", json={"parent_code": "C"}, headers=match)
    assert (ring.status_code, ring.json()["code"]) == (409, "department_cycle")
    assert (
        await membership.admin.patch("/v1/departments/A", json={"parent_code": "A"}, headers=match)
    ).status_code == 409
    renamed = await membership.admin.patch("/v1/departments/A", json={"name": "总部"}, headers=match)
    assert renamed.json()["name"] == "总部"
    again = await membership.admin.post("/v1/departments", json={"code": "A", "name": "x"})
    assert again.status_code == 409


@pytest.mark.parametrize("kind", ["people", "departments"])
async def test_templates_can_be_downloaded_and_imported(membership, kind):
    csv = await membership.admin.get(f"/v1/{kind}/imports/template")
    assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    job, errors = await membership.import_file(kind, csv.content)
    assert (job["state"], job["done"], errors) == ("succeeded", 0, [])
    xlsx = await membership.admin.get(f"/v1/{kind}/imports/template", params={"format": "xlsx"})
    assert load_workbook(io.BytesIO(xlsx.content)).worksheets[0]["A1"].value
