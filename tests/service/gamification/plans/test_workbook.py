"""How far participants are, as a workbook for who runs the community."""

import io
from datetime import timedelta

from openpyxl import load_workbook

from chassis.tabular import XLSX_TYPE
from services.gamification.plans import progress
from tests.service.gamification.plans.camp import FIRST_DAY


def day(n: int) -> str:
    return (FIRST_DAY + timedelta(days=n)).isoformat()


async def table(one, path, language="zh-CN", **days):
    answer = await one.client.get(f"{path}/progress/xlsx", params=days, headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX_TYPE), answer.text
    assert (
        answer.headers["content-disposition"] == f'attachment; filename="checkin-plan-{path.rpartition("/")[2]}.xlsx"'
    )
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()], sheet


async def test_everybody_has_a_row_and_each_day_a_column(camp):
    first, second = await camp.member(), await camp.member()
    path = await camp.plan(first, second, ends_on=day(3))
    await camp.hand_in(first, path, day=0)
    await camp.hand_in(second, path, day=2)
    (header, *rows), _ = await table(camp.runs, path)
    assert header[3:] == ["已打卡天数", "补卡天数", "打卡日总数", "达标天数", "达标日期", *(day(n) for n in range(4))]
    assert [row[0] for row in rows] == [str(first.id), str(second.id)]
    assert [row[3:7] for row in rows] == [[1, 0, 4, 4]] * 2
    assert [row[8:] for row in rows] == [["已打卡", "缺卡", "待打卡", None], ["缺卡", "缺卡", "已打卡", None]]
    (header, row, _), _ = await table(camp.runs, path, "en")
    assert (header[3], row[8:10]) == ("Days done", ["done", "missed"])


async def test_a_name_that_looks_like_a_formula_is_a_text(camp):
    member = await camp.member()
    await camp.rename(member, '=HYPERLINK("https://example.com","点我")')
    path = await camp.plan(member)
    (_, row), sheet = await table(camp.runs, path)
    assert (row[1], sheet["B2"].data_type) == ('=HYPERLINK("https://example.com","点我")', "s")


async def test_days_are_those_that_were_asked_for(camp):
    path = await camp.plan(await camp.member())
    (header, row), _ = await table(camp.runs, path, **{"from": day(1), "to": day(2)})
    assert (header[8:], len(row)) == ([day(1), day(2)], 10)
    # The counts are of the whole plan all the same.
    assert row[5:7] == [14, 12]


async def test_who_runs_the_community_reads_it_alone(camp):
    member = await camp.member()
    path = await camp.plan(member)
    assert (await member.client.get(f"{path}/progress/xlsx")).status_code == 403


async def test_too_much_for_one_file_is_refused_and_fewer_days_are_not(camp, monkeypatch):
    monkeypatch.setattr(progress, "MOST_CELLS", 20)
    path = await camp.plan(await camp.member(), await camp.member())
    refused = await camp.runs.client.get(f"{path}/progress/xlsx")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "too_many_days")
    (_, *rows), _ = await table(camp.runs, path, to=day(9))
    assert len(rows) == 2


async def test_many_are_read_in_parts_and_all_are_there_in_order(camp, monkeypatch):
    monkeypatch.setattr(progress, "_TOGETHER", 2)
    members = [await camp.member() for _ in range(5)]
    path = await camp.plan(*members)
    (_, *rows), _ = await table(camp.runs, path)
    assert [row[0] for row in rows] == [str(one.id) for one in members]
