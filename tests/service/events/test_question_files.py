"""Questions come into a bank from files, and go out into files."""

from time import process_time

import pytest

from assessment.formats import is_heading, write_gift
from assessment.questions import WHOLE, Choice, Question
from chassis.tabular import XLSX_TYPE, sheet_rows
from chassis.tabular.writing import csv_file, xlsx_file
from tests.service.events.test_question_banks import asks, makes_bank, path, who_read

GIFT = """$CATEGORY: 安全/消防

::灭火器::灭火器的检查周期是？{=每月 ~每年 #太久了 ~每周}

火警电话是 {=119} 。

坏题 {=甲 ~乙

用电安全吗？{T}
"""
TABLE = [
    ["题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "分值", "出题人"],
    ["单选题", "灭火器的检查周期是？", "每月", "每年", "每周", "A", "见制度", 2, "张三"],
    ["多选题", "哪些可燃？", "木", "石", "纸", "AC", "", 3, ""],
    ["单选题", "没有答案的题", "甲", "乙", "", "", "", 1, ""],
    ["判断题", "水能导电", "", "", "", "对", "", 1, ""],
]
XML = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
 <question type="truefalse"><name><text>一</text></name><questiontext format="html"><text>火是热的</text></questiontext>
  <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
 <question type="cloze"><name><text>二</text></name><questiontext format="html"><text>{1:SHORTANSWER:=甲}</text></questiontext></question>
</quiz>"""


async def sends(hall, bank, content, form, name="群主", *, status=202, media_type="text/plain", language="en", **query):
    answer = await hall[name].client.post(
        path(bank, rest="imports"),
        params={"format": form} | query,
        content=content if isinstance(content, bytes) else content.encode(),
        headers={"Content-Type": media_type, "Accept-Language": language},
    )
    assert answer.status_code == status, answer.text
    if status != 202:
        return answer.json(), []
    await hall.stage.harness.run_jobs()
    where = answer.headers["Location"]
    errors = await hall.see(name, f"{where}/errors", limit=100)
    return await hall.see(name, where), [(one["row"], one["code"], one["text"]) for one in errors["items"]]


async def texts(hall, bank, **query):
    listed = await hall.see("群主", path(bank, rest="questions"), **query)
    return [one["excerpt"] for one in listed["items"]]


async def test_a_file_comes_in_once_and_what_is_wrong_in_it_is_said_by_its_line(hall):
    bank = await makes_bank(hall)
    dry, wrong = await sends(hall, bank, GIFT, "gift", dry_run=True)
    assert (dry["result"], dry["failed"]) == ({"created": 3, "changed": 0, "unchanged": 0, "skipped": 0}, 1)
    assert [(row, code) for row, code, _ in wrong] == [(7, "braces")]
    assert await texts(hall, bank) == []
    done, wrong = await sends(hall, bank, GIFT, "gift", language="zh-CN")
    assert (done["state"], done["result"]) == ("succeeded", {"created": 3, "changed": 0, "unchanged": 0, "skipped": 0})
    assert wrong[0][2].startswith("第 7 行：花括号不配对")
    assert len(await texts(hall, bank)) == 3
    assert await texts(hall, bank, category="安全/消防", kind="single") == ["灭火器的检查周期是？"]
    [first] = (await hall.see("群主", path(bank, rest="questions"), q="灭火器"))["items"]
    # Once it is corrected here, the same file still changes nothing.
    await hall.change("群主", path(bank, first), {"text": "灭火器多久检查一次？"}, version=1)
    again, _ = await sends(hall, bank, GIFT, "gift")
    assert again["result"] == {"created": 0, "changed": 0, "unchanged": 3, "skipped": 0}
    # Nor does what is imported as it has become here.
    changed = GIFT.replace("灭火器的检查周期是？", "灭火器多久检查一次？")
    assert (await sends(hall, bank, changed, "gift"))[0]["result"]["created"] == 0
    listed = (await hall.see("群主", path(bank, rest="imports")))["items"]
    assert [(one["state"], one["dry_run"]) for one in listed] == [("succeeded", False)] * 3 + [("succeeded", True)]


@pytest.mark.parametrize("make", [csv_file, lambda rows: xlsx_file(rows, title="题库")], ids=["csv", "xlsx"])
async def test_a_table_as_trainers_keep_it_comes_in_and_a_column_that_is_not_read_is_named(hall, make):
    bank = await makes_bank(hall)
    done, wrong = await sends(hall, bank, make(TABLE), "table", media_type="application/octet-stream")
    assert done["result"] == {"created": 3, "changed": 0, "unchanged": 0, "skipped": 1}
    assert [(row, code) for row, code, _ in wrong] == [(1, "skipped"), (4, "no_answer")]
    assert "出题人" in wrong[0][2]
    [multiple] = (await hall.see("群主", path(bank, rest="questions"), kind="multiple"))["items"]
    whole = await hall.see("群主", path(bank, multiple))
    assert [one["key"] for one in whole["choices"] if one["right"]] == ["A", "C"]
    assert whole["marks"] == 300
    versions = (await hall.see("群主", path(bank, multiple, "versions")))["items"]
    assert [one["made_by"]["member_id"] for one in versions] == [str(hall["群主"].id)]


async def test_what_we_have_no_such_question_for_is_skipped_by_its_name(hall):
    bank = await makes_bank(hall)
    done, wrong = await sends(hall, bank, XML, "moodle_xml", media_type="application/xml")
    assert done["result"] == {"created": 1, "changed": 0, "unchanged": 0, "skipped": 1}
    assert [code for _, code, _ in wrong] == ["skipped"]
    assert "cloze" in wrong[0][2]


async def test_what_is_no_such_file_is_refused_at_once(hall):
    bank = await makes_bank(hall)
    refused, _ = await sends(hall, bank, "不是 XML", "moodle_xml", status=422, media_type="text/xml")
    assert (refused["code"], refused["reason"]) == ("questions_unreadable", "not_xml")
    refused, _ = await sends(hall, bank, "甲,乙\n1,2\n", "table", status=422, media_type="text/csv")
    assert (refused["code"], refused["reason"]) == ("questions_unreadable", "no_headings")
    refused, _ = await sends(hall, bank, b"," * 2_000_000, "table", status=422, media_type="text/csv")
    assert refused["reason"] == "no_headings"
    await sends(hall, bank, b"", "gift", status=422)
    await sends(hall, bank, GIFT, "gift", status=415, media_type="image/png")
    await sends(hall, bank, GIFT, "docx", status=422)
    assert (await hall.see("群主", path(bank, rest="imports")))["items"] == []


async def test_who_is_appointed_imports_and_sees_what_became_of_it(hall):
    await hall.joins("讲师", "lecturer")
    bank = await makes_bank(hall, editor_ids=[str(hall["讲师"].id)])
    other = await makes_bank(hall)
    done, _ = await sends(hall, bank, GIFT, "gift", "讲师")
    assert done["result"]["created"] == 3
    assert await who_read(hall, bank, "讲师") == {"讲师"}
    await sends(hall, bank, GIFT, "gift", "甲", status=404)
    await sends(hall, other, GIFT, "gift", "讲师", status=404)
    # Nobody finds a job by another bank.
    await hall.see("群主", f"{path(other)}/imports/{done['id']}", answered=404)
    await hall.see("甲", f"{path(bank)}/imports/{done['id']}", answered=404)
    await hall.send("讲师", f"{path(bank)}/imports/{done['id']}/cancel", status=409)


async def exported(hall, bank, form):
    started = await hall.send("群主", path(bank, rest="exports"), {"format": form}, status=202)
    await hall.stage.harness.run_jobs()
    job = await hall.see("群主", f"{path(bank)}/exports/{started['id']}")
    assert job["state"] == "succeeded", job
    answer = await hall["群主"].client.get(job["result_url"])
    assert answer.status_code == 200, answer.text
    errors = await hall.see("群主", f"{path(bank)}/exports/{started['id']}/errors")
    return job, answer.content, [(one["row"], one["code"]) for one in errors["items"]]


def corrected(content, form):
    """The file with another text for one choice, as somebody changes it."""
    if form != "table":
        return content.replace("每月".encode(), "每月一次".encode())
    rows = [cells for _, cells in sheet_rows(content, knows=is_heading) if not isinstance(cells, Exception)]
    return xlsx_file([["每月一次" if cell == "每月" else cell for cell in cells] for cells in rows], title="题库")


@pytest.mark.parametrize("form", ["gift", "moodle_xml", "table"])
async def test_what_goes_out_comes_in_again_as_the_same(hall, form):
    bank, other = await makes_bank(hall), await makes_bank(hall, title="抄本")
    await sends(hall, bank, GIFT, "gift")
    [first] = (await hall.see("群主", path(bank, rest="questions"), q="灭火器"))["items"]
    await hall.change("群主", path(bank, first), {"rubric": "给阅卷人"}, version=1)
    gone = await asks(hall, bank, text="归档的题")
    await hall.send("群主", path(bank, gone, "archive"))
    job, content, _ = await exported(hall, bank, form)
    assert job["result"]["questions"] == 3
    media_type = "application/octet-stream"
    done, wrong = await sends(hall, other, content, form, media_type=media_type)
    assert (done["result"]["created"], wrong) == (3, [])
    assert await texts(hall, other) == (await texts(hall, bank))[:3]
    # Into the bank that it came from nothing comes twice.
    again, wrong = await sends(hall, bank, content, form, media_type=media_type)
    assert (again["result"]["created"], again["result"]["changed"], wrong) == (0, 0, [])
    # What is corrected in the file is corrected in the bank, under its number; what a format does not hold stays.
    file = corrected(content, form)
    dry, told = await sends(hall, bank, file, form, media_type=media_type, dry_run=True)
    assert (dry["result"]["changed"], [code for _, code, _ in told]) == (1, ["changed"])
    done, _ = await sends(hall, bank, file, form, media_type=media_type)
    assert done["result"] == {"created": 0, "changed": 1, "unchanged": 2, "skipped": 0}
    whole = await hall.see("群主", path(bank, first))
    assert [(one["key"], one["text"]) for one in whole["choices"]] == [("A", "每月一次"), ("B", "每年"), ("C", "每周")]
    assert (whole["version"], whole["rubric"], whole["choices"][1]["feedback"]) == (3, "给阅卷人", "太久了")
    again, _ = await sends(hall, bank, file, form, media_type=media_type)
    assert again["result"]["unchanged"] == 3


NUMBERED = """// [id:F-1]
灭火器的检查周期是？{=每月 ~每年}

// [id:F-2] [tag:必考]
火警电话是 {=119} 。
"""


async def test_a_number_in_a_file_names_a_question_and_counters_name_none(hall):
    bank = await makes_bank(hall)
    # What came without a number gets it by the first file that has one, and stays as it is.
    await sends(hall, bank, NUMBERED.replace("// [id:F-1]\n", ""), "gift")
    done, _ = await sends(hall, bank, NUMBERED, "gift")
    assert done["result"]["unchanged"] == 2
    fixed = NUMBERED.replace("119", "119|一一九").replace("=每月", "=每月 ~每日")
    done, told = await sends(hall, bank, fixed, "gift")
    assert (done["result"]["changed"], [row for row, _, _ in told]) == (2, [2, 5])
    assert [one["id_number"] for one in (await hall.see("群主", path(bank, rest="questions")))["items"]] == [
        "F-1",
        "F-2",
    ]
    # Corrected here after that, the same file changes nothing; a file with something else does.
    [first] = (await hall.see("群主", path(bank, rest="questions"), q="灭火器"))["items"]
    await hall.change("群主", path(bank, first), {"text": "灭火器多久检查一次？"}, version=2)
    assert (await sends(hall, bank, fixed, "gift"))[0]["result"]["unchanged"] == 2
    assert (await sends(hall, bank, NUMBERED, "gift"))[0]["result"]["changed"] == 2
    whole = await hall.see("群主", path(bank, first))
    assert (whole["version"], whole["text"], [one["key"] for one in whole["choices"]]) == (
        4,
        "灭火器的检查周期是？",
        ["A", "B"],
    )
    # It keeps its kind; and a number that a file has twice names its first question alone.
    done, wrong = await sends(hall, bank, "// [id:F-1]\n水能灭火？{T}\n\n// [id:F-1]\n沙能灭火？{T}\n", "gift")
    assert (done["result"]["created"], done["failed"], [code for _, code, _ in wrong]) == (
        1,
        1,
        ["other_kind", "left_out"],
    )
    counted: list[list[str | int]] = [["编号", "题干", "答案"], [1, "沙子导电", "错"], ["XF-3", "铜导电", "对"]]
    other: list[list[str | int]] = [["编号", "题干", "答案"], [1, "铁导电", "对"], ["XF-3", "铜导电吗", "对"]]
    assert (await sends(hall, bank, csv_file(counted), "table", media_type="text/csv"))[0]["result"]["created"] == 2
    done, _ = await sends(hall, bank, csv_file(other), "table", media_type="text/csv")
    assert (done["result"]["created"], done["result"]["changed"]) == (1, 1)


async def test_what_a_format_cannot_hold_is_named_by_the_number_of_its_question(hall):
    bank = await makes_bank(hall)
    await asks(hall, bank)
    await asks(hall, bank, kind="short_text", choices=[], text="谈谈看法")
    file = "0193a000-0000-7000-8000-000000000001"
    await asks(hall, bank, text=f"哪个出口？![图](attachment:{file})", explanation="见教材")
    job, content, left_out = await exported(hall, bank, "aiken")
    assert (job["result"]["questions"], job["failed"]) == (2, 1)
    assert {(1, "left_out"), (2, "not_written")} <= set(left_out)
    assert content.decode().splitlines()[0] == "灭火器的检查周期是？"
    # In full, and in the words of whoever asked.
    errors = [await hall.see("群主", f"{path(bank)}/exports/{job['id']}/errors")]
    here = path(bank, rest="exports")
    chinese = {"Accept-Language": "zh-CN"}
    again = (await hall["群主"].client.post(here, json={"format": "aiken"}, headers=chinese)).json()
    await hall.stage.harness.run_jobs()
    errors.append(await hall.see("群主", f"{here}/{again['id']}/errors"))
    for said, told in zip(
        ("Left out: the explanation. Left out: pictures.", "已略去：解析。 已略去：图片。"), errors, strict=True
    ):
        assert " ".join(one["text"] for one in told["items"] if one["row"] == 3).endswith(said)


@pytest.mark.slow
async def test_five_thousand_questions_come_in_within_ten_seconds_of_the_processor(hall):
    bank = await makes_bank(hall)
    choices = tuple(
        Choice(key, text, WHOLE * (key == "A"))
        for key, text in zip("ABCD", ("对", "错", "也错", "还是错"), strict=True)
    )
    questions = [
        Question("single", f"第{number}题：下列哪一项正确？", choices, explanation="见教材") for number in range(5000)
    ]
    content = write_gift(questions).text
    began = process_time()
    done, wrong = await sends(hall, bank, content, "gift")
    took = process_time() - began
    assert (done["result"]["created"], wrong) == (5000, [])
    assert took < 10
    assert (await hall.see("群主", path(bank)))["questions"] == 5000


@pytest.mark.parametrize(("form", "media_type"), [("xlsx", XLSX_TYPE), ("csv", "text/csv")])
async def test_the_table_that_one_is_given_comes_in_as_it_is(hall, form, media_type):
    """A question of each kind stands in it, to write over."""
    bank = await makes_bank(hall)
    where = path(bank, rest="imports/template")
    answer = await hall["群主"].client.get(where, params={"format": form})
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["content-disposition"] == f'attachment; filename="questions.{form}"'
    done, wrong = await sends(hall, bank, answer.content, "table", media_type=media_type)
    assert (done["state"], done["result"]["created"], wrong) == ("succeeded", 7, [])
    assert (await hall["甲"].client.get(where)).status_code == 404
