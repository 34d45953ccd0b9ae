import io
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from chassis.problems import Problem
from chassis.tabular import in_batches, open_table, template
from tests.support.tables import COLUMNS, codes, only, read, refusal, rezipped, workbook

CHINESE = "工号,姓名\n007,张伟\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_utf8_with_or_without_bom_or_gb18030(encoding):
    assert only(CHINESE.encode(encoding)).values == {"employee_no": "007", "display_name": "张伟"}


def test_headers_are_chinese_or_english_or_those_of_the_template():
    for header in ("工号,姓名", "employee_no,display_name", "工号 employee_no,Display Name*", "Employee-No,NAME"):
        assert only(f"{header}\n1,x").values == {"employee_no": "1", "display_name": "x"}


def test_a_missing_column_is_absent_and_an_empty_cell_is_none():
    assert only("工号,姓名\n1, \n").values == {"employee_no": "1", "display_name": None}
    assert open_table(b"employee_no\n1\n", COLUMNS).present == {"employee_no"}


def test_a_short_row_says_nothing_about_the_cells_it_lacks():
    assert only("工号,姓名,类型\n1,张伟\n").values == {"employee_no": "1", "display_name": "张伟"}


def test_leading_zeros_stay_in_csv_and_in_text_cells():
    assert only("工号\n0012").values["employee_no"] == "0012"
    assert only('工号\n="0012"').values["employee_no"] == "0012"
    assert only(workbook(["工号"], ["0012"])).values["employee_no"] == "0012"


@pytest.mark.parametrize("mangled", ["1.23E+10", "1.23e+10", "6E+15", "1.5E-05"])
def test_a_number_that_a_spreadsheet_rewrote_is_a_row_error(mangled):
    row = only(f"工号\n{mangled}")
    assert codes(row) == ["mangled_number"]
    assert mangled in row.errors[0].text("zh-CN")
    assert row.values == {}


def test_an_employee_number_may_contain_an_e():
    assert only("工号\n12E45").values["employee_no"] == "12E45"


@pytest.mark.parametrize("cell", [12, 12.0, 1.23e10, True, date(2024, 1, 2)])
def test_a_number_cell_is_no_employee_number(cell):
    assert codes(only(workbook(["工号"], [cell]))) == ["number_not_text"]


def test_a_number_cell_is_fine_where_text_is_free():
    assert only(workbook(["工号", "姓名"], ["1", 42])).values["display_name"] == "42"


@pytest.mark.parametrize("written", ["2024-01-05", "2024/1/5", "2024.1.5", "2024年1月5日", "20240105"])
def test_dates_as_people_write_them(written):
    assert only(f"工号,入职日期\n1,{written}").values["hired_on"] == date(2024, 1, 5)


def test_date_cells_of_a_workbook():
    row = only(workbook(["工号", "入职日期"], ["1", datetime(2024, 1, 5)]))  # noqa: DTZ001 - as openpyxl has them
    assert row.values["hired_on"] == date(2024, 1, 5)


@pytest.mark.parametrize("written", ["2024-02-30", "5.1.2024", "soon", "45000"])
def test_what_is_no_date_is_a_row_error(written):
    assert codes(only(f"工号,入职日期\n1,{written}")) == ["not_a_date"]


def test_times_become_utc_and_need_an_offset_or_a_zone():
    shanghai = ZoneInfo("Asia/Shanghai")
    with_offset = only("工号,加入时间\n1,2024-01-05T09:00:00+08:00")
    assert with_offset.values["joined_at"] == datetime(2024, 1, 5, 1, tzinfo=UTC)
    assert codes(only("工号,加入时间\n1,2024-01-05 09:00")) == ["time_without_zone"]
    assert (
        only("工号,加入时间\n1,2024/01/05 09:00", zone=shanghai).values["joined_at"] == with_offset.values["joined_at"]
    )


@pytest.mark.parametrize("written", ["2024/1/5 9:05", "2024/1/5 09:05:00", "2024-01-05T09:05", "2024.1.5 9:05"])
def test_times_as_spreadsheets_write_them(written):
    row = only(f"工号,加入时间\n1,{written}", zone=ZoneInfo("Asia/Shanghai"))
    assert row.values["joined_at"] == datetime(2024, 1, 5, 1, 5, tzinfo=UTC)


def test_a_day_alone_is_its_midnight_in_the_zone():
    row = only("工号,加入时间\n1,2024/1/5", zone=ZoneInfo("Asia/Shanghai"))
    assert row.values["joined_at"] == datetime(2024, 1, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2024/13/5", "2024/1/5 25:00", "2024/1/5 9", "45000", "9:05"])
def test_what_is_no_time_is_a_row_error(written):
    assert codes(only(f"工号,加入时间\n1,{written}", zone=ZoneInfo("Asia/Shanghai"))) == ["not_a_time"]


def test_choices_are_translated():
    assert only("工号,类型\n1,外部").values["kind"] == "external"
    assert codes(only("工号,类型\n1,robot")) == ["not_a_choice"]


def test_unknown_columns_are_named():
    problem = refusal("工号,血型,星座\n1,A,狮子\n")
    assert [(error.pointer, error.code) for error in problem.errors] == [
        ("/columns/血型", "unknown_column"),
        ("/columns/星座", "unknown_column"),
    ]


def test_a_column_given_twice_in_two_languages_is_refused():
    assert refusal("工号,employee_no\n1,2\n").extensions["reason"] == "duplicate_column"


def test_a_missing_required_column_is_named():
    assert refusal("姓名\n张伟\n").errors[0].pointer == "/columns/工号 employee_no"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b" \n ", "empty_file"),
        ("工号\n1".encode("utf-16-le"), "wrong_encoding"),
        (b"\xff\xff\xff", "wrong_encoding"),
        (b"\xd0\xcf\x11\xe0rest", "old_excel"),
        (b"PK\x03\x04 not a zip", "not_xlsx"),
        (b'"employee_no\n1\n', "malformed_header"),
        (b"employee_no,,display_name\n1,2,3\n", "unnamed_column"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(content, reason):
    assert refusal(content).extensions["reason"] == reason


def test_a_malformed_row_does_not_stop_the_others():
    rows = read('工号,姓名\n1,a\n2,"b"x\n3,c\n4,d,e\n5,f\n')
    assert [(row.number, codes(row)) for row in rows] == [
        (2, []),
        (3, ["malformed_row"]),
        (4, []),
        (5, ["too_many_cells"]),
        (6, []),
    ]


def test_row_numbers_are_those_of_a_spreadsheet():
    rows = read('\n工号,姓名\n1,"two\nlines"\n\n2,b\n')
    assert [row.number for row in rows] == [3, 5]
    assert [row.number for row in read(workbook(["工号"], ["1"], [None], ["2"]))] == [2, 4]


def test_an_empty_required_cell_is_a_row_error():
    assert codes(only("工号,姓名\n,张伟\n")) == ["required"]


def test_a_spreadsheet_error_in_a_cell_is_a_row_error():
    assert codes(only(workbook(["工号", "姓名"], ["1", "#N/A"]))) == ["cell_error"]


def test_control_characters_are_refused():
    assert codes(only("工号,姓名\n1,a\x07b\n")) == ["not_text"]


def test_ndjson_rows_say_what_is_wrong_with_each():
    lines = [
        {"employee_no": "0012", "display_name": "张伟"},
        {"employee_no": 12},
        {"employee_no": "1", "shoe_size": 43},
        {"display_name": "nobody"},
        ["1"],
    ]
    content = b"\n".join(orjson.dumps(line) for line in lines) + b"\n{broken\n" + b"[" * 20_000 + b"\n\n"
    rows = read(content, media_type="application/x-ndjson; charset=utf-8")
    assert rows[0].values == {"employee_no": "0012", "display_name": "张伟"}
    assert [codes(row) for row in rows[1:]] == [
        ["number_not_text"],
        ["unknown_column"],
        ["required"],
        ["malformed_row"],
        ["malformed_row"],
        ["malformed_row"],
    ]


def test_a_workbook_that_unpacks_to_a_thousand_times_its_size_is_refused():
    bomb = rezipped(workbook(["工号"], ["1"]), {"xl/worksheets/sheet1.xml": b" " * 50_000_000})
    assert refusal(bomb).extensions["reason"] == "zip_bomb"


def test_a_workbook_with_thousands_of_entries_is_refused():
    bomb = rezipped(workbook(["工号"], ["1"]), {f"xl/media/{n}.txt": b"x" for n in range(1_100)})
    assert refusal(bomb).extensions["reason"] == "zip_bomb"


def test_a_workbook_with_entities_is_refused():
    hostile = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    content = rezipped(workbook(["工号"], ["1"]), {"xl/worksheets/sheet1.xml": hostile})
    assert refusal(content).extensions["reason"] == "not_xlsx"


def test_a_cut_off_workbook_is_refused():
    content = workbook(["工号"], ["1"])
    assert refusal(content[: len(content) // 2]).extensions["reason"] == "not_xlsx"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_template_filled_in_can_be_read(file_format):
    blank = template(COLUMNS, file_format)
    if file_format == "csv":
        assert blank.startswith("\ufeff工号 employee_no,姓名 display_name,".encode())
        filled = blank + "0012,张伟,,,员工\r\n".encode()
    else:
        book = load_workbook(io.BytesIO(blank))
        book.worksheets[0].append(["0012", "张伟", None, None, "员工"])
        content = io.BytesIO()
        book.save(content)
        filled = content.getvalue()
    row = only(filled)
    assert row.values == {
        "employee_no": "0012",
        "display_name": "张伟",
        "hired_on": None,
        "joined_at": None,
        "kind": "employee",
    }


def test_batches_keep_the_order():
    rows = open_table("工号\n1\n2\n3\n".encode(), COLUMNS).rows()
    assert [[row.values["employee_no"] for row in batch] for batch in in_batches(rows, 2)] == [["1", "2"], ["3"]]


@given(st.binary(max_size=400))
def test_no_bytes_whatever_raise_anything_but_a_problem(content):
    with suppress(Problem):
        list(open_table(content, COLUMNS).rows())


@given(st.lists(st.text("0123456789abc-", min_size=1, max_size=12), min_size=1, max_size=20))
def test_what_was_written_as_text_is_read_as_it_was(numbers):
    import csv

    text = io.StringIO()
    csv.writer(text).writerows([["工号"], *([number] for number in numbers)])
    assert [row.values["employee_no"] for row in read(text.getvalue())] == numbers
