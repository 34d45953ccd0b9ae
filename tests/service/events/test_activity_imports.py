"""Activities from lists and calendars: at their own times, once, and as their source says now."""

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select

from chassis.tabular import XLSX_TYPE
from services.events.activities.models import Activity, Organiser
from services.events.imported.imports import activity_import
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_activities import path
from tests.support.statements import listening, recorded

IMPORTS = f"{ACTIVITIES}/imports"
CSV, ICS = "text/csv", "text/calendar"


async def sends(hall, content, *, media_type=CSV, status=202, by="群主", language="en", client=None, **query):
    """Start an import, do it, and read what became of it."""
    sender = client or hall[by].client
    answer = await sender.post(
        IMPORTS,
        params={"community_id": str(hall.stage.community_id)} | query,
        content=content if isinstance(content, bytes) else content.encode(),
        headers={"Content-Type": media_type, "Accept-Language": language},
    )
    assert answer.status_code == status, answer.text
    if status != 202:
        return answer.json()
    await hall.stage.harness.run_jobs()
    job = (await sender.get(answer.headers["Location"])).json()
    errors = (await sender.get(f"{answer.headers['Location']}/errors", params={"limit": 100})).json()["items"]
    return job | {"errors": [(one["row"], one["column"], one["code"]) for one in errors], "texts": errors}


def counted(created=0, changed=0, unchanged=0):
    return {"created": created, "changed": changed, "unchanged": unchanged}


async def listed(hall, **query):
    query = {"community_id": str(hall.stage.community_id), "limit": 100} | query
    return (await hall.see("群主", ACTIVITIES, **query))["items"]


async def told(hall):
    """What other services were told of activities."""
    return [
        (one.type.split(".")[-2], one.data["title"], one.occurred_at, one.backfill)
        for one in await hall.stage.harness.published("activity.")
    ]


def calendar(*events, zone=""):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *([zone] if zone else [])]
    return "\r\n".join([*head, *events, "END:VCALENDAR", ""])


def event(uid="a", title="讲课", starts="20240601T060000Z", ends="20240601T080000Z", *more):
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SUMMARY:{title}",
        f"DTSTART:{starts}",
        f"DTEND:{ends}",
        *more,
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


PAST = """活动名称,开始时间,结束时间,类型,形式,地点,学时,标签,组织者工号
春季读书会,2023-03-01 14:00,2023/3/1 16:00,分享会,线下,总部,2,"读书，新人",{no}
例会,2024年6月3日 9:00,2024-06-03 10:00,会议,线上,,,,
"""


async def test_what_is_over_is_completed_at_its_own_time_and_what_is_to_come_announced(hall):
    job = await sends(hall, PAST.format(no=hall["甲"].employee_no))
    assert (job["state"], job["errors"], job["result"]) == ("succeeded", [], counted(created=2))
    past, coming = await listed(hall)
    assert (past["title"], past["status"], past["kind"], past["hours"]) == (
        "春季读书会",
        "completed",
        "sharing_session",
        2.0,
    )
    assert (past["starts_at"], past["ends_at"]) == ("2023-03-01T06:00:00Z", "2023-03-01T08:00:00Z")
    assert (past["location"]["name"], past["tags"]) == ("总部", ["读书", "新人"])
    assert [one["member_id"] for one in past["organisers"]] == [str(hall["甲"].id)]
    assert (coming["title"], coming["status"], coming["mode"]) == ("例会", "announced", "online")
    assert [one["member_id"] for one in coming["organisers"]] == [str(hall["群主"].id)]
    whole = await hall.see("群主", path(past))
    assert (whole["announced_at"], whole["completed_at"]) == ("2023-03-01T06:00:00Z", "2023-03-01T08:00:00Z")
    began, ended = datetime(2023, 3, 1, 6, tzinfo=UTC), datetime(2023, 3, 1, 8, tzinfo=UTC)
    assert await told(hall) == [
        ("announced", "春季读书会", began, True),
        ("completed", "春季读书会", ended, True),
        ("announced", "例会", hall.now, True),
    ]
    mine = await hall.see("甲", ACTIVITIES, organised=True)
    assert [one["title"] for one in mine["items"]] == ["春季读书会"]


async def test_what_is_to_come_goes_on_like_any_other(hall):
    await sends(hall, PAST.format(no=""))
    coming = (await listed(hall))[-1]
    await hall.registers("甲", coming)
    hall.later(days=30)
    await hall.stage.harness.run_timers()
    assert (await hall.see("甲", path(coming)))["status"] == "completed"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_lists_come_as_spreadsheets_write_them(hall, encoding):
    job = await sends(hall, PAST.format(no=hall["甲"].employee_no).encode(encoding))
    assert job["result"] == counted(created=2)


async def test_a_workbook_has_dates_of_its_own(hall):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("活动", 0)
    sheet.append(["活动名称", "开始时间", "结束时间", "名额"])
    sheet.append(["年会", datetime(2023, 12, 31, 18, 0), datetime(2023, 12, 31, 21, 0), 300])  # noqa: DTZ001
    file = io.BytesIO()
    book.save(file)
    assert (await sends(hall, file.getvalue(), media_type=XLSX_TYPE))["result"] == counted(created=1)
    [party] = await listed(hall)
    assert (party["starts_at"], party["seats"]["capacity"]) == ("2023-12-31T10:00:00Z", 300)


async def test_the_same_file_again_changes_nothing(hall):
    for content, kind in ((PAST.format(no=""), CSV), (calendar(event(), event("b")), ICS)):
        await sends(hall, content, media_type=kind)
        before = await told(hall)
        assert (await sends(hall, content, media_type=kind))["result"] == counted(unchanged=2)
        assert await told(hall) == before


async def test_a_row_that_cannot_be_is_refused_with_its_column_and_the_others_are_taken(hall):
    rows = [
        "好的,2024-06-01 10:00,2024-06-01 11:00,,,",
        "倒着,2024-06-01 10:00,2024-06-01 09:00,,,",
        "没人,2024-06-01 10:00,2024-06-01 11:00,E99999,,",
        "很远,2034-06-01 10:00,2034-06-01 11:00,,,",
        "学时,2024-06-01 10:00,2024-06-01 11:00,,两,",
        "链接,2024-06-01 10:00,2024-06-01 11:00,,,ftp://a",
        "时间,六月,2024-06-01 11:00,,,",
        ",2024-06-01 10:00,2024-06-01 11:00,,,",
        "太久,2024-06-01 10:00,2024-09-30 11:00,,,",
        "十学时,2024-06-01 10:00,2024-06-01 11:00,,1_0,",
    ]
    job = await sends(hall, "\n".join(["活动名称,开始时间,结束时间,组织者工号,学时,会议链接", *rows]))
    assert job["errors"] == [
        (3, "ends_at", "ends_before_start"),
        (4, "organisers", "unknown_member"),
        (5, "starts_at", "too_far"),
        (6, "hours", "invalid_hours"),
        (7, "join_url", "invalid_join_url"),
        (8, "starts_at", "not_a_time"),
        (9, "title", "required"),
        (10, "ends_at", "too_long_activity"),
        (11, "hours", "invalid_hours"),
    ]
    assert [one["title"] for one in await listed(hall)] == ["好的"]


async def test_a_calendar_is_read_with_what_it_says(hall):
    more = (
        "LOCATION:总部\\, 三楼",
        "DESCRIPTION:第一行\\n第二",
        "  行",
        "CATEGORIES:教学,新人",
        "URL:https://meet.example/1",
        f"ORGANIZER;CN=甲:mailto:{hall['甲'].employee_no}@example.com",
        "BEGIN:VALARM",
        "TRIGGER:-PT15M",
        "END:VALARM",
    )
    assert (
        await sends(
            hall, calendar(event("a", "讲课", *("20240601T060000Z", "20240601T080000Z"), *more)), media_type=ICS
        )
    )["result"] == counted(created=1)
    [one] = await listed(hall)
    whole = await hall.see("群主", path(one))
    assert (whole["title"], whole["location"]["name"], whole["tags"]) == ("讲课", "总部, 三楼", ["教学", "新人"])
    assert (whole["description"], whole["join_url"]) == ("第一行\n第二 行", "https://meet.example/1")
    assert [one["member_id"] for one in whole["organisers"]] == [str(hall["甲"].id)]


async def test_times_are_in_the_zone_that_a_calendar_names(hall):
    def at(tzid, uid):
        return (
            event(uid, uid, "x", "y")
            .replace("DTSTART:x", f"DTSTART;TZID={tzid}:20240701T090000")
            .replace("DTEND:y", f"DTEND;TZID={tzid}:20240701T100000")
        )

    fixed = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    zones = ["Europe/Berlin", "Eastern Standard Time", "/citadel.org/20210210_1/Asia/Tokyo", "Ours", "Nowhere"]
    floating = event("floating", "floating", "20240701T090000", "20240701T100000")
    whole = event("whole", "whole", "20240701", "20240702")
    content = calendar(*[at(zone, zone) for zone in zones], floating, whole, zone=fixed)
    job = await sends(hall, content, media_type=ICS)
    assert [(column, code) for _, column, code in job["errors"]] == [("time_zone", "unknown_time_zone")]
    row = job["errors"][0][0]
    assert content.splitlines()[row - 1] == "DTSTART;TZID=Nowhere:20240701T090000"
    assert {one["title"]: (one["starts_at"][11:16], one["time_zone"]) for one in await listed(hall)} == {
        "Europe/Berlin": ("07:00", "Europe/Berlin"),
        "Eastern Standard Time": ("13:00", "America/New_York"),
        "/citadel.org/20210210_1/Asia/Tokyo": ("00:00", "Asia/Tokyo"),
        "Ours": ("03:30", "Asia/Shanghai"),
        "floating": ("01:00", "Asia/Shanghai"),
        "whole": ("16:00", "Asia/Shanghai"),
    }


async def test_what_recurs_becomes_an_activity_for_each_date_and_keeps_its_hour(hall):
    weekly = event("w", "例会", "x", "y", "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=America/New_York:20240314T090000")
    weekly = weekly.replace("DTSTART:x", "DTSTART;TZID=America/New_York:20240229T090000").replace(
        "DTEND:y", "DTEND;TZID=America/New_York:20240229T100000"
    )
    instead = event("w", "例会（换时间）", "20240307T180000Z", "20240307T190000Z", "RECURRENCE-ID:20240307T140000Z")
    job = await sends(hall, calendar(weekly, instead), media_type=ICS)
    assert (job["errors"], job["result"]) == ([], counted(created=4))
    assert [(one["title"], one["starts_at"]) for one in await listed(hall)] == [
        ("例会", "2024-02-29T14:00:00Z"),
        ("例会（换时间）", "2024-03-07T18:00:00Z"),
        ("例会", "2024-03-21T13:00:00Z"),
        ("例会", "2024-03-28T13:00:00Z"),
    ]
    assert (await sends(hall, calendar(weekly, instead), media_type=ICS))["result"] == counted(unchanged=4)


async def test_a_later_version_changes_what_is_there_and_an_earlier_one_does_not(hall):
    await sends(
        hall, calendar(event("a", "讲课", "20240601T060000Z", "20240601T080000Z", "SEQUENCE:3")), media_type=ICS
    )
    [activity] = await listed(hall)
    await hall.registers("甲", activity)
    older = event("a", "旧", "20240602T060000Z", "20240602T080000Z", "SEQUENCE:2")
    assert (await sends(hall, calendar(older), media_type=ICS))["result"] == counted(unchanged=1)
    moved = event("a", "讲课", "20240602T060000Z", "20240602T080000Z", "SEQUENCE:4")
    assert (await sends(hall, calendar(moved), media_type=ICS))["result"] == counted(changed=1)
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    assert (mine["status"], mine["unconfirmed"]) == ("confirmed", True)
    assert (await hall.see("甲", path(activity)))["starts_at"] == "2024-06-02T06:00:00Z"
    renamed = event("a", "怎么讲课", "20240602T060000Z", "20240602T080000Z", "SEQUENCE:4")
    assert (await sends(hall, calendar(renamed), media_type=ICS))["result"] == counted(changed=1)
    gone = event("a", "怎么讲课", "20240602T060000Z", "20240602T080000Z", "SEQUENCE:5", "STATUS:CANCELLED")
    assert (await sends(hall, calendar(gone), media_type=ICS))["result"] == counted(changed=1)
    assert (await hall.see("甲", path(activity)))["status"] == "cancelled"
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    assert mine["status"] == "cancelled"
    assert [one[0] for one in await told(hall)] == ["announced", "moved", "updated", "cancelled"]
    again = event("a", "怎么讲课", "20240602T060000Z", "20240602T080000Z", "SEQUENCE:6")
    assert (await sends(hall, calendar(again), media_type=ICS))["errors"] == [(4, "status", "is_cancelled")]


async def test_what_was_cancelled_before_it_came_here_is_not_added(hall):
    gone = event("a", "讲课", "20240601T060000Z", "20240601T080000Z", "STATUS:CANCELLED")
    assert (await sends(hall, calendar(gone), media_type=ICS))["result"] == counted(unchanged=1)
    assert await listed(hall) == []


async def test_a_dry_run_says_the_same_and_writes_nothing(hall):
    job = await sends(hall, calendar(event(), event("b", "x", "q")), media_type=ICS, dry_run=True)
    assert (job["result"], job["errors"]) == (counted(created=1), [(13, "starts_at", "not_a_moment")])
    assert await listed(hall) == []
    assert await told(hall) == []


@pytest.mark.parametrize(
    ("lines", "code", "at"),
    [
        (["CLASS:PRIVATE"], "private", 4),
        (["RRULE:FREQ=HOURLY"], "recurrence_unsupported", 9),
        (["RRULE:FREQ=DAILY;BYHOUR=9"], "recurrence_unsupported", 9),
        (["RRULE:FREQ=DAILY;COUNT=1000000000"], "recurrence_invalid", 9),
        (["RRULE:FREQ=DAILY;INTERVAL=0"], "recurrence_invalid", 9),
        (["RRULE:FREQ=WEEKLY;BYDAY=2MO"], "recurrence_invalid", 9),
        (["EXRULE:FREQ=DAILY"], "recurrence_unsupported", 9),
        (["no property"], "broken_line", 9),
        (["RRULE:FREQ=DAILY", "RDATE;VALUE=PERIOD:20240601T060000Z/PT1H"], "recurrence_unsupported", 10),
    ],
)
async def test_what_a_calendar_cannot_say_here_is_refused_by_name_at_its_line(hall, lines, code, at):
    job = await sends(
        hall, calendar(event("a", "讲课", "20240601T060000Z", "20240601T080000Z", *lines)), media_type=ICS
    )
    assert [(row, found) for row, _, found in job["errors"]] == [(at, code)]
    assert job["texts"][0]["text"]


async def test_a_rule_without_an_end_is_followed_for_two_years(hall):
    content = calendar(event("a", "晨会", "20240601T010000Z", "20240601T013000Z", "RRULE:FREQ=MONTHLY"))
    assert (await sends(hall, content, media_type=ICS))["result"] == counted(created=24)
    too_many = calendar(event("b", "晨会", "20200101T010000Z", "20200101T013000Z", "RRULE:FREQ=DAILY"))
    job = await sends(hall, too_many, media_type=ICS)
    assert [code for _, _, code in job["errors"]] == ["too_many_dates"]
    assert len(await listed(hall)) == 24


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"BEGIN:VCALENDAR\r\n" * 7 + b"END:VCALENDAR\r\n" * 7, "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "not_a_calendar"),
        (b"title,starts_at\r\n", "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\nX:" + b"\r\n a" * 500_001, "too_many_rows"),
        (b"BEGIN:VCALENDAR\r\nX:" + b"a" * 1_100_000 + b"\r\nEND:VCALENDAR", "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:y\r\n" * 2_200_000 + b"END:VCALENDAR", "file_too_large"),
    ],
)
async def test_what_is_no_calendar_or_too_much_of_one_is_refused_at_once(hall, content, reason):
    problem = await sends(hall, content, media_type=ICS, status=422)
    assert (problem["code"], problem["reason"]) == ("table_invalid", reason)


async def test_who_imports_is_an_owner_or_a_program_of_the_community(hall):
    await hall.joins("运营", "operator")
    await sends(hall, PAST, by="运营", status=403)
    program = hall.stage.service("activities.import")
    job = await sends(hall, PAST.format(no=hall["甲"].employee_no), client=program)
    assert job["errors"] == [(3, "organisers", "nobody_runs_it")]
    assert [one["title"] for one in await listed(hall)] == ["春季读书会"]


async def test_a_list_of_hundreds_takes_no_statement_for_each(hall):
    def rows(first, last):
        return "\n".join(
            [
                "活动名称,开始时间,结束时间,来源编号",
                *(f"第{n}次,2024-06-01 10:00,2024-06-01 11:00,r{n}" for n in range(first, last)),
            ]
        )

    with listening():
        await sends(hall, rows(0, 1))  # what is remembered from now on
        counts = []
        for first, last in ((1, 11), (11, 411)):
            with recorded() as statements:
                assert (await sends(hall, rows(first, last)))["result"] == counted(created=last - first)
            counts.append(len(statements))
    assert counts[1] <= counts[0] + 5


async def test_an_edit_here_stays_until_the_source_changes(hall):
    await sends(hall, calendar(event()), media_type=ICS)
    [activity] = await listed(hall)
    await hall.change("群主", path(activity), {"title": "改过的"}, version=1)
    await sends(hall, calendar(event()), media_type=ICS)
    assert (await hall.see("群主", path(activity)))["title"] == "改过的"
    assert activity_import.history
    async with hall.stage.harness.runtime.database.transaction() as session:
        assert len((await session.execute(select(Organiser))).all()) == 1
        assert (await session.get(Activity, UUID(activity["id"]))).ends_at - timedelta(hours=2) == datetime(
            2024, 6, 1, 6, tzinfo=UTC
        )


async def test_a_tag_of_which_nothing_can_be_seen_is_refused_at_its_row_and_the_others_come(hall):
    content = calendar(
        event("a", "讲课", "20240601T060000Z", "20240601T080000Z", "CATEGORIES:\u202e,教学"),
        event("b", "读书会", "20240602T060000Z", "20240602T080000Z", "CATEGORIES:＃Ｐｙｔｈｏｎ," + "长" * 40),
    )
    job = await sends(hall, content, media_type=ICS)
    assert (job["state"], job["errors"]) == ("succeeded", [(4, "tags", "invalid_tags")])
    [brought] = await listed(hall)
    assert (brought["title"], brought["tags"]) == ("读书会", ["python", "长" * 30])


async def test_an_activity_that_comes_back_shorter_closes_by_its_end_and_can_be_changed(hall):
    await sends(hall, calendar(event("a", "讲课", "20240601T060000Z", "20240601T100000Z")), media_type=ICS)
    [activity] = await listed(hall)
    times = {"registration_closes_at": "2024-06-01T10:00:00Z", "cancel_until": "2024-06-01T09:00:00Z"}
    await hall.change("群主", path(activity), times, version=1)
    shorter = event("a", "讲课", "20240602T060000Z", "20240602T070000Z", "SEQUENCE:1")
    assert (await sends(hall, calendar(shorter), media_type=ICS))["result"] == counted(changed=1)
    now = await hall.see("群主", path(activity))
    assert [now[name] for name in (*times, "ends_at")] == ["2024-06-02T07:00:00Z"] * 3
    assert (await hall.change("群主", path(activity), {"contact": "群主"}, version=3))["contact"] == "群主"
