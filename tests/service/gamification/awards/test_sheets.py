"""Points given by hand from a table, as spreadsheets write them: all rows or none."""

import io

import openpyxl
import pytest

from chassis.tabular import XLSX_TYPE
from tests.service.gamification.awards.scene import REASON, refused, to_approve

HEADER = "employee_no,points,reason,citation"


async def send(scene, by, content, media_type="text/csv", **headers):
    content = content if isinstance(content, bytes) else content.encode()
    return await by.client.post(
        "/v1/awards/sheets",
        params={"community_id": str(scene.community_id)},
        content=content,
        headers={"Content-Type": media_type} | headers,
    )


def sheet(*rows, header=HEADER):
    return "\r\n".join([header, *rows]) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_a_table_is_read_in_whatever_encoding_a_spreadsheet_writes(scene, encoding):
    operator, members = await scene.appoint("operator"), await scene.members(2)
    await scene.appoint("owner")
    header = "工号,积分,理由,颁奖词"
    rows = [f"{one.employee_no},{points},{REASON}," for one, points in zip(members, ("50", "１０１"), strict=True)]
    answer = await send(scene, operator, sheet(*rows, header=header).encode(encoding))
    assert answer.status_code == 201, answer.text
    assert [(one["points"], one["status"], one["reason"]) for one in answer.json()["items"]] == [
        (50, "given", REASON),
        (101, "pending", REASON),
    ]
    assert [await scene.points(one) for one in members] == [50, 0]


async def test_a_workbook_is_a_table_too(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    page = workbook.create_sheet("奖励", 0)
    page.append(["工号", "积分", "理由"])
    page.append([member.employee_no, 20, REASON])
    workbook.save(file)
    assert (await send(scene, operator, file.getvalue(), XLSX_TYPE)).status_code == 201
    assert await scene.points(member) == 20


async def test_what_is_wrong_is_said_of_each_cell_and_nobody_is_given_anything(scene):
    operator, member, left = await scene.appoint("operator"), await scene.member(), await scene.member()
    await scene.leave(left)
    rows = [
        f"{member.employee_no},10,{REASON},",
        f"{member.employee_no},0,{REASON},",
        f"{member.employee_no},1001,{REASON},",
        f"{member.employee_no},ten,{REASON},",
        f"{member.employee_no},1_0,{REASON},",
        f"{member.employee_no},10,,",
        f"{member.employee_no},10,{'长' * 501},",
    ]
    answer = await send(scene, operator, sheet(*rows))
    assert refused(answer) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/rows/3/points",
        "/rows/4/points",
        "/rows/5/points",
        "/rows/6/points",
        "/rows/7/reason",
        "/rows/8/reason",
    ]
    assert all(error["detail"] for error in answer.json()["errors"])
    answer = await send(scene, operator, sheet(rows[0], f"{left.employee_no},5,{REASON},", f"nobody,5,{REASON},"))
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/rows/3/employee_no", "unknown_member"),
        ("/rows/4/employee_no", "unknown_member"),
    ]
    assert await scene.points(member) == 0
    assert await scene.listed(operator) == []


async def test_a_table_keeps_to_the_rules_of_every_award(scene):
    operator, member, owner = await scene.appoint("operator"), await scene.member(), await scene.appoint("owner")
    row = f"{member.employee_no},400,{REASON},"
    assert refused(await send(scene, member, sheet(row))) == (403, "forbidden")
    assert refused(await send(scene, operator, sheet(row, row, row))) == (409, "award_budget_spent")
    own = f"{operator.employee_no},5,{REASON},"
    assert refused(await send(scene, operator, sheet(row, own))) == (403, "conflict_of_interest")
    assert refused(await send(scene, owner, sheet(row))) == (409, "no_approver")
    assert await scene.listed(owner) == []
    assert (await send(scene, operator, sheet(row, row))).status_code == 201
    assert [count for _, count, _ in await to_approve(owner)] == [2]


async def test_what_is_no_table_of_awards_is_refused(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    row = f"{member.employee_no},1,{REASON},"
    assert refused(await send(scene, operator, sheet(*[row] * 201))) == (422, "table_invalid")
    assert refused(await send(scene, operator, sheet())) == (422, "table_invalid")
    assert refused(await send(scene, operator, sheet("1,2", header="employee_no,bonus"))) == (422, "table_invalid")
    assert refused(await send(scene, operator, "")) == (422, "empty_upload")
    assert refused(await send(scene, operator, "{}", "application/json")) == (415, "unsupported_media_type")
    assert refused(await send(scene, operator, "x" * (2 * 1024 * 1024 + 1))) == (413, "body_too_large")
    assert await scene.listed(operator) == []


async def test_a_table_that_is_sent_again_with_its_key_gives_nothing_again(scene):
    operator, member = await scene.appoint("operator"), await scene.member()
    table = sheet(f"{member.employee_no},30,{REASON},把经验留给了后来的人")
    first = await send(scene, operator, table, **{"Idempotency-Key": "october"})
    again = await send(scene, operator, table, **{"Idempotency-Key": "october"})
    assert (first.status_code, again.json()) == (201, first.json())
    assert await scene.points(member) == 30
    assert first.json()["items"][0]["citation"] == "把经验留给了后来的人"
