"""Lists of who was there, as those who run trainings keep them."""

import io
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import openpyxl
import pytest

from chassis.jobs import LeaseLost
from chassis.tabular import XLSX_TYPE
from chassis.testing import received
from contracts.membership import MemberLeft
from services.events.activities.models import Activity
from services.events.attendances.imports import ListBatch, attendance_import
from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.events.test_attendances import ATTENDANCES, comes, ends
from tests.support.statements import listening, recorded

IMPORTS = f"{ATTENDANCES}/imports"
CSV = "text/csv"


@pytest.fixture
async def course(hall):
    """An activity for which 甲 and 乙 have a seat, on 9 May from 12:00 to 14:00 in Shanghai; it ended half an hour ago."""
    activity = await hall.announces(check_out="required", hours=2)
    for name in ("甲", "乙"):
        await hall.registers(name, activity)
    hall.later(days=3, hours=2, minutes=30)
    return activity


async def sends(hall, activity, content, *, media_type=CSV, status=202, by="群主", language="en", **query):
    """Start an import, do it, and read what became of it."""
    answer = await hall[by].client.post(
        IMPORTS,
        params={"activity_id": activity["id"]} | query,
        content=content,
        headers={"Content-Type": media_type, "Accept-Language": language},
    )
    assert answer.status_code == status, answer.text
    if status != 202:
        return answer.json()
    await hall.stage.harness.run_jobs()
    location = answer.headers["Location"]
    job = await hall.see(by, location)
    errors = (await hall.see(by, f"{location}/errors", limit=100))["items"]
    return job | {"errors": [(one["row"], one["column"], one["code"]) for one in errors], "texts": errors}


def listed(hall, *rows, header="工号,签到时间,签退时间"):
    return "\n".join([header, *(f"{hall[name].employee_no},{rest}" for name, rest in rows)])


def counted(created=0, changed=0, unchanged=0):
    return {"created": created, "changed": changed, "unchanged": unchanged}


async def shown(hall, activity):
    """Who is recorded, when they came and left, in Shanghai's hours."""
    items = (await hall.see("群主", ATTENDANCES, activity_id=activity["id"], limit=100))["items"]
    names = {str(one.id): name for name, one in hall.members.items()}

    def hours(text):
        return None if text is None else (datetime.fromisoformat(text) + timedelta(hours=8)).strftime("%d %H:%M:%S")

    return {
        names[one["member"]["member_id"]]: (hours(one["in_at"]), hours(one["out_at"]))
        for one in items
        if one["revoked_at"] is None
    }


async def told(hall):
    found = await hall.stage.harness.published("attendance.")
    names = {str(one.id): name for name, one in hall.members.items()}
    return [(one.type.split(".")[-2], names[one.data["member_id"]], one.backfill) for one in found]


async def test_a_list_records_who_was_there_and_what_it_comes_to_is_known_at_the_completion(hall, course):
    text = listed(hall, ("甲", "2024-05-09 11:58,2024-05-09 14:01"), ("乙", "下午1:00,14:00"), ("丙", "12:00,13:59"))
    job = await sends(hall, course, text)
    assert (job["state"], job["result"], job["errors"]) == ("succeeded", counted(created=3), [])
    assert await shown(hall, course) == {
        "甲": ("09 11:58:00", "09 14:01:00"),
        "乙": ("09 13:00:00", "09 14:00:00"),
        "丙": ("09 12:00:00", "09 13:59:00"),
    }
    assert await told(hall) == []
    await ends(hall, course)
    await hall.stage.harness.run_timers()
    items = (await hall.see("群主", ATTENDANCES, activity_id=course["id"]))["items"]
    found = {one["member"]["member_id"]: (one["extent"], one["minutes"], one["walk_in"]) for one in items}
    assert [found[str(hall[name].id)] for name in "甲乙丙"] == [
        ("full", 120, False),
        ("partial", 60, False),
        ("full", 119, True),
    ]
    assert all(not backfill for _, _, backfill in await told(hall))


async def test_the_list_of_an_activity_long_ago_counts_as_of_its_completion_and_makes_nobody_a_no_show(hall, course):
    done = await ends(hall, course)
    assert (await hall.see("甲", path(course)))["status"] == "completed"
    hall.later(days=300)
    job = await sends(hall, course, listed(hall, ("甲", "12:00,14:00"), ("丙", "12:00,14:00")))
    assert job["result"] == counted(created=2)
    messages = await hall.stage.harness.published("attendance.recorded")
    assert [(one.backfill, one.data["extent"], one.data["hours"], one.data["method"]) for one in messages] == [
        (True, "full", 2, "batch")
    ] * 2
    assert {one.occurred_at for one in messages} == {datetime.fromisoformat(done["completed_at"])}
    figures = await _figures(hall, course)
    assert figures == (2, 1)
    # Whom the corrected list does not have there any more did not come.
    job = await sends(hall, course, listed(hall, ("甲", ",")))
    assert job["result"] == counted(changed=1)
    assert await _figures(hall, course) == (1, 2)
    assert await told(hall) == [("recorded", "甲", True), ("recorded", "丙", True), ("revoked", "甲", True)]


async def _figures(hall, activity):
    async with hall.stage.harness.runtime.database.reading() as session:
        row = await session.get(Activity, UUID(activity["id"]))
        return row.attended, row.no_shows


@pytest.mark.parametrize("completed", [False, True])
async def test_the_same_file_twice_changes_nothing_and_a_corrected_one_records_anew(hall, course, completed):
    if completed:
        await ends(hall, course)
    text = listed(hall, ("甲", "12:00,14:00"), ("乙", "12:30,"), ("丙", ","))
    assert (await sends(hall, course, text))["result"] == counted(created=2, unchanged=1)
    before = (await shown(hall, course), await hall.stage.harness.published())
    assert (await sends(hall, course, text))["result"] == counted(unchanged=3)
    assert (await shown(hall, course), await hall.stage.harness.published()) == before
    first = (await hall.see("群主", ATTENDANCES, activity_id=course["id"]))["items"]
    corrected = listed(hall, ("甲", "12:00,13:00"), ("乙", "12:30,"))
    assert (await sends(hall, course, corrected))["result"] == counted(changed=1, unchanged=1)
    assert (await shown(hall, course))["甲"] == ("09 12:00:00", "09 13:00:00")
    items = (await hall.see("群主", ATTENDANCES, activity_id=course["id"]))["items"]
    assert [one["revoked_at"] is not None for one in items] == [True, False, False]
    assert items[2]["id"] not in {one["id"] for one in first}
    expected = [("recorded", "甲", True), ("recorded", "乙", True), ("revoked", "甲", True), ("recorded", "甲", True)]
    assert await told(hall) == (expected if completed else [])


async def test_what_the_door_knows_stays_where_the_list_says_no_more(hall):
    activity = await hall.announces(check_out="required")
    for name in "甲乙丙":
        await hall.registers(name, activity)
    hall.later(days=3, seconds=42)
    came = {name: await comes(hall, name, activity) for name in "甲乙丙"}
    hall.later(hours=2)
    text = listed(hall, ("甲", "12:00,"), ("乙", "12:00,13:58"), ("丙", "11:50,"), ("丁", ","))
    assert (await sends(hall, activity, text))["result"] == counted(changed=2, unchanged=2)
    found = await shown(hall, activity)
    assert found == {
        "甲": ("09 12:00:42", None),
        "乙": ("09 12:00:00", "09 13:58:00"),
        "丙": ("09 11:50:00", None),
    }
    assert (await hall.see("群主", f"{ATTENDANCES}/{came['甲']['id']}"))["revoked_at"] is None
    absent = listed(hall, ("甲", "否"), header="工号,到场")
    assert (await sends(hall, activity, absent))["result"] == counted(changed=1)
    assert set(await shown(hall, activity)) == {"乙", "丙"}


async def test_a_list_of_numbers_alone_and_one_of_ticks_say_who_came(hall):
    activity = await hall.announces()
    hall.later(days=3, hours=2)
    assert (await sends(hall, activity, listed(hall, ("甲", "张三"), header="工号,姓名")))["errors"] == [
        (2, "name", "another_name")
    ]
    job = await sends(hall, activity, f"工号\n{hall['甲'].employee_no}\n{hall['乙'].employee_no}")
    assert job["result"] == counted(created=2)
    ticks = listed(hall, ("丙", "√"), ("丁", "缺席"), ("甲", "全程"), ("乙", ""), header="工号,到场")
    assert (await sends(hall, activity, ticks))["result"] == counted(created=1, changed=2, unchanged=1)
    assert set(await shown(hall, activity)) == {"甲", "丙"}


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8-sig", ""), ("gb18030", ""), ("gb18030", "\ufeff"), ("utf-16", "")],
)
async def test_a_list_is_read_in_whatever_encoding_it_was_saved(hall, course, encoding, mark):
    text = mark + listed(hall, ("甲", "２０２４年５月９日　上午１１：５８,下午２：００"))
    assert (await sends(hall, course, text.encode(encoding)))["result"] == counted(created=1)
    assert await shown(hall, course) == {"甲": ("09 11:58:00", "09 14:00:00")}


async def test_a_workbook_is_read_with_its_dates_its_times_and_its_bare_numbers(hall, course):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["序号", "工号", "姓名", "签到时间", "签退时间", "备注"])
    serial = 45421 + 11.75 / 24
    cells = [
        ("甲", datetime(2024, 5, 9, 11, 58, 30), datetime(2024, 5, 9, 14, 0)),  # noqa: DTZ001
        ("乙", time(11, 59), time(14, 0)),
        ("丙", serial, 14.25 / 24),
        ("丁", "5月9日 中午12:01", "2:05 PM"),
    ]
    for number, (name, came, left) in enumerate(cells, start=1):
        sheet.append([number, hall[name].employee_no, None, came, left, "签到码失效"])
    kept = io.BytesIO()
    book.save(kept)
    job = await sends(hall, course, kept.getvalue(), media_type=XLSX_TYPE)
    assert (job["result"], job["errors"]) == (counted(created=4), [])
    assert await shown(hall, course) == {
        "甲": ("09 11:58:30", "09 14:00:00"),
        "乙": ("09 11:59:00", "09 14:00:00"),
        "丙": ("09 11:45:00", "09 14:15:00"),
        "丁": ("09 12:01:00", "09 14:05:00"),
    }


async def test_rows_that_cannot_be_are_errors_that_name_their_column_and_the_others_count(hall, course):
    text = listed(
        hall,
        ("甲", "13:00,12:30"),
        ("乙", "来了,"),
        ("丙", "2024-05-08 12:00,"),
        ("丁", ",14:00"),
        ("甲", "12:00,14:00"),
        ("甲", "12:10,14:00"),
        ("乙", "14:00,14:10"),
        ("丙", "12:00,16:00"),
    )
    text += "\nNOBODY,12:00,14:00\n1.23E+10,12:00,14:00\n"
    job = await sends(hall, course, text)
    assert job["errors"] == [
        (2, "checked_out_at", "out_before_in"),
        (3, "checked_in_at", "not_a_time"),
        (4, "checked_in_at", "outside"),
        (5, "checked_in_at", "out_without_in"),
        (6, "employee_no", "duplicate_in_file"),
        (7, "employee_no", "duplicate_in_file"),
        (8, "checked_in_at", "after_the_end"),
        (9, "employee_no", "duplicate_in_file"),
        (10, "employee_no", "unknown_member"),
        (11, "employee_no", "mangled_number"),
    ]
    assert job["texts"][1]["text"].startswith("checked_in_at is no time")
    chinese = await sends(hall, course, listed(hall, ("乙", "12:00,来了")), language="zh-CN")
    assert chinese["texts"][0]["text"].startswith("“签退时间”不是时间")


async def test_who_was_no_member_then_was_not_there(hall, course):
    late = await hall.stage.member(joined_at=hall.now + timedelta(minutes=1))
    gone, went = await hall.stage.members(2)
    start = datetime(2024, 5, 9, 4, tzinfo=UTC)
    for one, at in ((gone, start - timedelta(days=1)), (went, start + timedelta(days=1))):
        left = MemberLeft(**hall.stage._member(one, at, status="left"))
        await hall.stage.harness.deliver(received(left, occurred_at=at, version=2))
    hall.later(days=2)
    text = "工号\n" + "\n".join(one.employee_no for one in (late, gone, went))
    job = await sends(hall, course, text)
    assert job["errors"] == [(2, "employee_no", "not_a_member_then"), (3, "employee_no", "not_a_member_then")]
    assert job["result"] == counted(created=1)


async def test_a_night_and_several_days_know_which_day_a_time_is_of(hall):
    night = await hall.announces(starts_at=hall.after(hours=10), ends_at=hall.after(hours=14))
    days = await hall.announces(starts_at=hall.after(hours=20), ends_at=hall.after(hours=60))
    hall.later(days=3)
    assert (await sends(hall, night, listed(hall, ("甲", "22:05,1:55"), ("乙", "凌晨0:10,凌晨1点半"))))["errors"] == []
    assert await shown(hall, night) == {
        "甲": ("06 22:05:00", "07 01:55:00"),
        "乙": ("07 00:10:00", "07 01:30:00"),
    }
    job = await sends(hall, days, listed(hall, ("甲", "9:05,"), ("乙", "5月8日 9:05,"), ("丙", "2024-05-08,")))
    assert job["errors"] == [(2, "checked_in_at", "which_day")]
    assert await shown(hall, days) == {"乙": ("08 09:05:00", None), "丙": ("08 00:00:00", None)}


async def test_a_dry_run_writes_nothing(hall, course):
    await ends(hall, course)
    text = listed(hall, ("甲", "12:00,14:00"), ("乙", "12:00,"))
    job = await sends(hall, course, text, dry_run=True)
    assert job["result"] == counted(created=2)
    assert await shown(hall, course) == {}
    await sends(hall, course, text)
    before = await shown(hall, course)
    assert (await sends(hall, course, listed(hall, ("甲", ","), ("乙", "12:30,")), dry_run=True))["result"] == counted(
        changed=2
    )
    assert await shown(hall, course) == before


async def test_no_list_is_taken_of_what_has_not_begun_does_not_take_place_or_is_not_known(hall):
    activity = await hall.announces()
    text = listed(hall, ("甲", "12:00,"))
    assert (await sends(hall, activity, text, status=409))["code"] == "doors_closed"
    draft = await hall.prepares()
    assert (await sends(hall, draft, text, status=409))["code"] == "doors_closed"
    assert (await sends(hall, draft, text, status=404, by="甲"))["code"] == "not_found"
    hall.later(days=3, hours=1)
    assert (await sends(hall, activity, text, status=403, by="甲"))["code"] == "forbidden"
    await hall.send("群主", path(activity, "cancel"), {"reason": "停电"}, version=2)
    assert (await sends(hall, activity, text, status=409))["code"] == "doors_closed"
    assert (await sends(hall, activity, "姓名\n张三", status=409))["code"] == "doors_closed"


async def test_what_is_cancelled_while_its_list_waits_records_nobody(hall, course):
    answer = await hall["群主"].client.post(
        IMPORTS,
        params={"activity_id": course["id"]},
        content=listed(hall, ("甲", "12:00,")),
        headers={"Content-Type": CSV},
    )
    await hall.send("群主", path(course, "cancel"), {"reason": "停电"}, version=2)
    await hall.stage.harness.run_jobs()
    [error] = (await hall.see("群主", f"{answer.headers['Location']}/errors"))["items"]
    assert error["code"] == "activity_cancelled"


async def test_a_list_that_was_stopped_half_way_goes_on_and_records_everybody_once(hall, course, monkeypatch):
    await ends(hall, course)
    many = await hall.stage.members(30)
    monkeypatch.setattr(attendance_import, "rows_per_step", 7)
    answer = await hall["群主"].client.post(
        IMPORTS,
        params={"activity_id": course["id"]},
        content="工号\n" + "\n".join(one.employee_no for one in many),
        headers={"Content-Type": CSV},
    )
    write, steps = ListBatch.write, []

    async def stopped(self):
        steps.append(1)
        await write(self)
        if len(steps) == 3:
            raise LeaseLost

    monkeypatch.setattr(ListBatch, "write", stopped)
    await hall.stage.harness.run_jobs()
    hall.later(minutes=5)
    await hall.stage.harness.run_jobs()
    job = await hall.see("群主", answer.headers["Location"])
    assert (job["state"], job["result"]) == ("succeeded", counted(created=30))
    messages = await hall.stage.harness.published("attendance.recorded")
    assert sorted(one.data["member_id"] for one in messages) == sorted(str(one.id) for one in many)
    assert (await _figures(hall, course))[0] == 30


@pytest.fixture
def heard():
    with listening():
        yield


async def test_a_step_costs_no_more_statements_for_many_rows_than_for_few(heard, hall, course):
    activity = await hall.announces()
    many = await hall.stage.members(60)
    for one in many[::2]:
        answer = await one.client.post(REGISTRATIONS, json={"activity_id": activity["id"]})
        assert answer.status_code == 201, answer.text
    hall.later(days=4)
    await hall.send("群主", path(activity, "complete"), version=2)
    costs = []
    for some in (many[:8], many[8:]):
        for text in ("工号", "工号,到场"):
            rows = [one.employee_no + (",全程" if "," in text else "") for one in some]
            with recorded() as statements:
                job = await sends(hall, activity, "\n".join([text, *rows]))
            assert job["failed"] == job["result"]["unchanged"] == 0
            costs.append(len(statements))
    assert [after <= before for before, after in zip(costs[:2], costs[2:], strict=True)] == [True, True], costs
