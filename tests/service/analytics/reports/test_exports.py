"""Exports: figures as files, written by a job, for whoever started it and for owners."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select

from chassis.ids import new_id
from services.analytics.facts.models import MemberDay
from services.analytics.facts.verbs import Verb
from services.analytics.learning.models import LearningActivity, LearningRecord
from services.analytics.reports.exports import rows as export_rows
from services.analytics.reports.exports import service
from services.analytics.reports.models import ExportFile
from tests.service.analytics.reports.conftest import REPORTS
from tests.service.stage import NOON
from tests.support.hostile import FORMULA, RARE

EXPORTS = f"{REPORTS}/exports"
MEMBERS = {"subject": "member_activity", "from": "2024-05-01", "to": "2024-05-06"}
METRIC = {"subject": "metric", "code": "members", "from": "2024-04-01", "to": "2024-05-06", "grain": "month"}


@pytest.fixture
def exporting(desk):
    async def asks(name="运营", *, status=202, **fields):
        return await desk.send(name, EXPORTS, {"community_id": desk.community} | fields, status=status)

    return asks


async def written(desk, job, name="运营"):
    """The job at its end, and the bytes of its file."""
    await desk.stage.harness.run_jobs()
    ended = await desk.see(name, f"{EXPORTS}/{job['id']}")
    assert ended["state"] == "succeeded", ended
    answer = await desk[name].client.get(ended["result_url"])
    assert answer.status_code == 200, answer.text
    return ended, answer


def lines(content):
    assert content.startswith(b"\xef\xbb\xbf"), "Excel in Chinese reads it as GB18030 otherwise"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sheet(content):
    [one] = load_workbook(io.BytesIO(content)).worksheets
    return [[cell.value for cell in row] for row in one.iter_rows()], one


async def deeds(desk, member, *did):
    """Days on which a member did something, as rollups."""
    async with desk.stage.harness.runtime.database.transaction() as session:
        await session.execute(
            insert(MemberDay),
            [
                {
                    "generation": 1, "community_id": desk.stage.community_id, "day": date.fromisoformat(day),
                    "verb": int(verb), "member_id": member.id, "place_id": 1, "n": n, "value": 0.0,
                }
                for day, verb, n in did
            ],
        )  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_values_of_a_metric_come_as_the_api_answers_them(desk, exporting, form):
    job, answer = await written(desk, await exporting(**METRIC, format=form))
    table = lines(answer.content) if form == "csv" else sheet(answer.content)[0]
    assert table[0] == [
        "code",
        "metric",
        "version",
        "unit",
        "from",
        "to",
        "group",
        "group_name",
        "part",
        "value",
        "n",
        "note",
    ]
    values = (
        await desk.see("运营", "/v1/metrics/members", community_id=desk.community, grain="month", **{
            name: METRIC[name] for name in ("from", "to")
        })
    )["items"]  # fmt: skip
    assert len(table) - 1 == len(values) == job["result"]["rows"] == 2
    for row, value in zip(table[1:], values, strict=True):
        assert [row[4], row[5]] == [value["from"], value["to"]]
        assert [float(row[9]), float(row[10])] == [value["value"], value["n"]]
    assert job["result"]["size"] == len(answer.content)
    assert answer.headers["content-disposition"] == f'attachment; filename="members-2024-04-01-2024-05-06.{form}"'


async def test_what_a_group_is_called_stands_beside_its_code(desk, exporting):
    await desk.stage.tell_department("D1", "销售部")
    _, answer = await written(desk, await exporting(**METRIC | {"group_by": "department"}))
    assert {(row[6], row[7]) for row in lines(answer.content)[1:]} == {("D1", "销售部")}


async def test_what_the_community_reports_itself_is_exported_too(desk, exporting):
    here = {"community_id": desk.community}
    own = {"code": "followers", "name": "公众号粉丝", "unit": "人", "source": "公众号后台"}
    await desk.send("运营", "/v1/metrics", here | own, status=201)
    said = {"at": "2024-05-01T00:00:00Z", "value": 130}
    await desk.send("运营", "/v1/metrics/followers/values", here | said, status=201)
    _, answer = await written(desk, await exporting(**METRIC | {"code": "followers"}, format="csv"))
    assert [[row[0], row[1], row[3], row[9], row[10]] for row in lines(answer.content)[1:]] == [
        ["followers", "公众号粉丝", "人", "", "0"],
        ["followers", "公众号粉丝", "人", "130", "1"],
    ]
    elsewhere = await exporting(**METRIC | {"code": "happiness"}, format="csv", status=422)
    assert [one["code"] for one in elsewhere["errors"]] == ["unknown_metric"]


async def test_what_each_member_did_stands_in_a_row_and_names_are_never_calculated(desk, exporting):
    await desk.stage.rename(desk["甲"], FORMULA)
    quiet = await desk.joins("乙")
    await desk.stage.rename(quiet, RARE)
    await deeds(
        desk, desk["甲"],
        ("2024-05-01", Verb.REPLIED, 3), ("2024-05-02", Verb.REPLIED, 1), ("2024-05-02", Verb.ATTENDED, 1),
        ("2024-05-06", Verb.READ, 4), ("2024-04-30", Verb.REPLIED, 9), ("2024-05-07", Verb.REPLIED, 9),
    )  # fmt: skip
    _, answer = await written(desk, await exporting(**MEMBERS))
    names, *rows = lines(answer.content)
    by_name = {row[1]: dict(zip(names, row, strict=True)) for row in rows}
    assert set(by_name) == {f"'{FORMULA}", RARE}, "those who run the community are left out"
    did = by_name[f"'{FORMULA}"]
    assert [did[one] for one in ("deeds", "posts", "attended", "read", "active_days")] == ["5", "4", "1", "4", "2"]
    assert set(list(by_name[RARE].values())[5:]) == {"0"}
    _, answer = await written(desk, await exporting(**MEMBERS, format="xlsx", staff=True))
    rows, page = sheet(answer.content)
    assert {row[1] for row in rows[1:]} >= {FORMULA, RARE}
    assert len(rows) == 5
    assert {cell.data_type for row in page.iter_rows(min_row=2) for cell in row} <= {"s", "n", "inlineStr"}


async def test_learning_records_stand_in_a_row_each_and_what_is_undone_in_none(desk, exporting, monkeypatch):
    monkeypatch.setattr(export_rows, "AT_ONCE", 1)
    course = new_id()
    async with desk.stage.harness.runtime.database.transaction() as session:
        here: dict[str, Any] = {"community_id": desk.stage.community_id}
        session.add(LearningActivity(id=course, version=1, title="写作课", starts_at=NOON, ends_at=NOON, **here))
        for who, hours, undone, day in (
            ("甲", 2.0, False, 5),
            ("甲", 1.0, True, 5),
            ("甲", 4.0, False, 7),
            ("运营", 3.0, False, 5),
        ):
            record = LearningRecord(
                id=new_id(), member_id=desk[who].id, person_id=desk[who].person_id, activity_id=course, hours=hours, taught_hours=0,
                share=1, minutes=120, at=NOON + timedelta(days=day - 6), undone=undone, **here,
            )  # fmt: skip
            session.add(record)
    _, answer = await written(desk, await exporting(**MEMBERS | {"subject": "learning_records"}))
    names, *rows = lines(answer.content)
    assert [dict(zip(names, row, strict=True))["source"] for row in rows] == ["写作课"]
    assert rows[0][4:] == ["2", "0", "1", "120", "2024-05-05"]
    _, answer = await written(desk, await exporting(**MEMBERS | {"subject": "learning_records", "staff": True}))
    assert sorted(row[4] for row in lines(answer.content)[1:]) == ["2", "3"]


async def test_members_are_read_some_at_a_time(desk, exporting, monkeypatch):
    monkeypatch.setattr(export_rows, "AT_ONCE", 3)
    await desk.stage.members(7)
    _, answer = await written(desk, await exporting(**MEMBERS, staff=True))
    rows = lines(answer.content)[1:]
    assert len({row[0] for row in rows}) == len(rows) == 10


async def test_the_header_is_in_the_language_of_who_asked(desk):
    body = {"community_id": desk.community} | MEMBERS
    job = (await desk["运营"].client.post(EXPORTS, json=body, headers={"Accept-Language": "zh-CN"})).json()
    _, answer = await written(desk, job)
    assert lines(answer.content)[0][1:3] == ["姓名", "部门"]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        (MEMBERS | {"code": "members"}, "/subject", "not_of_members"),
        (MEMBERS | {"from": "2024-05-07"}, "/to", "before_from"),
        (MEMBERS | {"from": "2013-01-01"}, "/to", "too_long"),
        (METRIC | {"code": None}, "/code", "missing"),
        (METRIC | {"code": "nothing"}, "/code", "unknown_metric"),
        (METRIC | {"group_by": "tag"}, "/group_by", "no_such_group"),
        (METRIC | {"from": "2024-05-07"}, "/to", "before_from"),
        (METRIC | {"from": "2020-05-07", "grain": "day"}, "/to", "too_many_periods"),
        (METRIC | {"working": True}, "/working", "no_working_time"),
    ],
)
async def test_what_there_is_no_export_of_is_refused_and_nothing_is_begun(desk, exporting, fields, pointer, code):
    [wrong] = (await exporting(status=422, **fields))["errors"]
    assert (wrong["pointer"], wrong["code"]) == (pointer, code)


async def test_a_file_is_for_whoever_started_it_and_for_owners(desk, exporting):
    await desk.joins("另一位", "operator")
    job, answer = await written(desk, await exporting(**MEMBERS))
    for name, seen in (("群主", 200), ("另一位", 404), ("甲", 404)):
        for path in (f"{EXPORTS}/{job['id']}", job["result_url"]):
            assert (await desk[name].client.get(path)).status_code == seen, (name, path)
    assert (await desk["群主"].client.get(job["result_url"])).content == answer.content
    await exporting("甲", status=403, **MEMBERS)
    program = desk.stage.service("exports.create")
    theirs = (await program.post(EXPORTS, json={"community_id": desk.community} | MEMBERS)).json()
    await desk.stage.harness.run_jobs()
    assert (await program.get(f"{EXPORTS}/{theirs['id']}/file")).status_code == 200
    assert (await desk.stage.service("metrics.read").get(f"{EXPORTS}/{theirs['id']}/file")).status_code in (403, 404)


async def test_who_lost_the_link_finds_their_exports_and_owners_those_of_everybody(desk, exporting):
    await desk.joins("另一位", "operator")
    values, _ = await written(desk, await exporting(**METRIC | {"group_by": "department"}))
    desk.later(minutes=1)
    other = await exporting("另一位", **MEMBERS, format="xlsx")

    async def listed(name, **query):
        return (await desk.see(name, EXPORTS, community_id=desk.community, **query))["items"]

    [mine] = await listed("运营")
    assert (mine["id"], mine["result_url"]) == (values["id"], values["result_url"])
    assert [mine[name] for name in ("subject", "code", "from", "to", "format", "group_by")] == [
        "metric", "members", "2024-04-01", "2024-05-06", "csv", "department",
    ]  # fmt: skip
    assert [(one["id"], one["subject"]) for one in await listed("另一位")] == [(other["id"], "member_activity")]
    assert [one["id"] for one in await listed("群主")] == [other["id"], values["id"]]
    assert await listed("群主", mine="true") == []
    refused = await desk["甲"].client.get(EXPORTS, params={"community_id": desk.community})
    assert refused.status_code == 403
    desk.later(days=8)
    assert [one["result_url"] for one in await listed("运营")] == [None]


async def test_a_file_is_deleted_after_a_week_and_nobody_is_led_there_any_more(desk, exporting):
    job, _ = await written(desk, await exporting(**MEMBERS))
    assert (await desk["运营"].client.get(f"{EXPORTS}/{job['id']}/file")).status_code == 200
    desk.later(days=7, minutes=1)
    gone = await desk["运营"].client.get(f"{EXPORTS}/{job['id']}/file")
    assert (gone.status_code, gone.json()["code"]) == (410, "export_gone")
    assert (await desk.see("运营", f"{EXPORTS}/{job['id']}"))["result_url"] is None
    await desk.stage.harness.run_timers()
    async with desk.stage.harness.runtime.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(ExportFile))).scalar_one() == 0


async def test_the_same_export_goes_on_and_only_so_many_are_written_at_a_time_and_kept(desk, exporting, monkeypatch):
    monkeypatch.setattr(service, "MOST_KEPT", 2)
    one = await exporting(**MEMBERS)
    early = await desk["运营"].client.get(f"{EXPORTS}/{one['id']}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    assert (await exporting(**MEMBERS))["id"] == one["id"]
    assert (await exporting("群主", **MEMBERS))["id"] != one["id"], "of the owner it is their own"
    for day in ("02", "03", "04", "06"):
        await exporting(**MEMBERS | {"from": f"2024-05-{day}"})
    refused = await exporting(**MEMBERS | {"from": "2024-05-05"}, status=409)
    assert (refused["code"], refused["limit"]) == ("too_many_exports", 5)
    await desk.stage.harness.run_jobs()
    async with desk.stage.harness.runtime.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(ExportFile))).scalar_one() == 2


async def test_more_rows_than_a_file_has_are_refused_with_the_reason(desk, exporting, monkeypatch):
    monkeypatch.setattr(service, "MOST_ROWS", 2)
    job = await exporting(**MEMBERS, staff=True)
    await desk.stage.harness.run_jobs()
    ended = await desk.see("运营", f"{EXPORTS}/{job['id']}")
    assert (ended["state"], ended["result_url"]) == ("failed", None)
    assert ended["error"].startswith("too_many_rows")


async def test_reading_a_file_is_written_into_the_trail(desk, exporting):
    await written(desk, await exporting(**MEMBERS))
    entries = desk.stage.harness.runtime.service.tables.chassis.audit_entries
    async with desk.stage.harness.runtime.database.reading() as session:
        told = (
            await session.execute(select(entries.c.object_kind, entries.c.action).order_by(entries.c.at, entries.c.id))
        ).all()
    assert told[-2:] == [("export", "create"), ("export", "read")]
    assert timedelta(days=7) == service.KEPT
