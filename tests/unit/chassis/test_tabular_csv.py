from contextvars import copy_context
from itertools import count, islice

import pytest

from chassis.budget import CalledOff, Errand, errand
from chassis.problems import Problem
from chassis.tabular import limits, open_table
from chassis.tabular.limits import MAX_BAD_ROWS
from tests.support.tables import COLUMNS, codes, only, read, reason, refusal

STAFF = [f"{number},员工{number},2024-01-{number % 28 + 1:02}" for number in range(1, 60)]


def staff(*, but=None):
    lines = list(STAFF) if but is None else [but.get(number, line) for number, line in enumerate(STAFF, start=1)]
    return "\n".join(["工号,姓名,入职日期", *lines, ""])


def numbers(rows):
    return [row.values["employee_no"] for row in rows if not row.errors]


@pytest.mark.parametrize("broken", ['2,"员工2,2024-01-03', '2,员工2,"2024-01-03', '"2,员工2,2024-01-03'])
def test_a_forgotten_quote_costs_its_own_row_and_no_other(broken):
    rows = read(staff(but={2: broken}))
    assert len(rows) == 59
    assert [(row.number, codes(row)) for row in rows if row.errors] == [(3, ["malformed_row"])]
    assert "引号" in rows[1].errors[0].text("zh-CN")
    assert "not closed" in rows[1].errors[0].text("en")


@pytest.mark.parametrize("closing", ['40,员工40",2024-01-13', '40,"员工40",2024-01-13', '40,员工40,2024-01-13"'])
def test_a_forgotten_quote_that_a_later_one_seems_to_close_swallows_no_rows(closing):
    rows = read(staff(but={2: '2,"员工2,2024-01-03', 40: closing}))
    assert set(numbers(rows)) >= {str(number) for number in range(1, 60) if number not in {2, 40}}
    assert [row.number for row in rows] == list(range(2, 61))


def test_a_forgotten_quote_in_the_last_row_is_told():
    assert [codes(row) for row in read('工号,姓名\n1,a\n2,"b')] == [[], ["malformed_row"]]


def test_every_row_with_a_forgotten_quote_is_told():
    rows = read("工号,姓名\n" + "\n".join(f'{number},"x' for number in range(1, 31)))
    assert [codes(row) for row in rows] == [["malformed_row"]] * 30


def test_cells_of_several_lines_stay_whole():
    note = "first, second, third\nonly this\n\nand that"
    rows = read(f'工号,姓名,入职日期\n1,"{note}",2024-01-05\n2,b,2024-01-06\n')
    assert [row.values["display_name"] for row in rows] == [note, "b"]


def test_a_line_of_a_text_with_as_many_commas_as_the_header_is_still_a_line_of_it():
    note = "learned today\nSTAR, then feedback, then practice"
    assert only(f'工号,姓名,入职日期\n1,"{note}",2024-01-05\n').values["display_name"] == note


def test_a_file_in_which_quotes_are_forgotten_again_and_again_ends_soon():
    filler = "x" * 300
    content = "工号,姓名\n" + "\n".join(f'{number},"{filler}' for number in range(60_000))
    assert reason(content) == "too_many_errors"


@pytest.mark.parametrize("sep", [";", ",", "\t", "|"])
def test_a_sep_line_names_the_delimiter_and_is_no_row(sep):
    row = only(f"sep={sep}\r\n工号{sep}姓名\r\n1{sep}张伟\r\n")
    assert (row.number, row.values) == (2, {"employee_no": "1", "display_name": "张伟"})


def test_a_sep_line_is_read_behind_a_byte_order_mark_and_in_quotes():
    assert only('"sep=;"\n工号;姓名\n1;a,b\n'.encode("utf-8-sig")).values["display_name"] == "a,b"


@pytest.mark.parametrize("blank", ["\n", "\r\n\r\n", ";;;\n", " ; \n\n", ",\n"])
def test_blank_lines_above_the_header_do_not_hide_it(blank):
    row = only(f"{blank}工号;姓名\n1;张伟\n")
    assert row.values == {"employee_no": "1", "display_name": "张伟"}
    assert row.number == blank.count("\n") + 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_makes_the_header_known(delimiter):
    cells = ['"工号"', '"姓名"', '"a,b;c"'][:2]
    assert (
        only(delimiter.join(cells) + "\n" + delimiter.join(["1", '"a,b;c|d\te"'])).values["display_name"]
        == "a,b;c|d\te"
    )


def test_a_header_may_break_its_lines():
    row = only('"工号\nemployee_no","姓名\n display name "\n1,a\n')
    assert row.values == {"employee_no": "1", "display_name": "a"}


def test_old_line_ends_are_read():
    assert numbers(read("工号,姓名\r1,a\r2,b\r")) == ["1", "2"]


def test_too_many_columns_are_refused_before_they_are_named():
    content = "工号," + ",".join(f"c{number}" for number in range(120_000)) + "\n1\n"
    problem = refusal(content)
    assert problem.extensions["reason"] == "too_many_columns"
    assert len(problem.errors) == 0


def test_of_unknown_columns_the_first_twenty_are_named():
    problem = refusal("工号," + ",".join("x" * 2000 + str(number) for number in range(190)) + "\n1\n")
    assert len(problem.errors) == 20
    assert len(str(problem.as_json("en"))) < 10_000


def test_a_column_is_named_by_a_valid_pointer():
    assert refusal("工号,a/b~c\n1,2\n").errors[0].pointer == "/columns/a~1b~0c"


def test_a_row_of_two_million_characters_is_an_error_of_its_own():
    rows = read("工号,姓名\n1," + "x" * 2_000_000 + "\n2,b\n" + "," * 2_000_000 + "\n3,c\n")
    assert [codes(row) for row in rows] == [["malformed_row"], [], ["malformed_row"], []]


def test_more_bad_rows_than_anybody_would_read_end_the_file():
    table = open_table(b"employee_no,hired_on\n" + b"1,never\n" * (MAX_BAD_ROWS + 1), COLUMNS)
    rows = table.rows()
    assert len(list(islice(rows, MAX_BAD_ROWS))) == MAX_BAD_ROWS
    with pytest.raises(Problem, match="table_invalid"):
        next(rows)


def test_a_header_far_down_is_not_looked_for_without_end():
    assert reason("\n" * 3_000_000 + "工号\n1\n") == "malformed_header"


def test_empty_rows_count_so_that_a_file_of_them_ends(monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 1000)
    assert reason("工号\n" + "\n" * 1000 + "1\n") == "too_many_rows"


def test_reading_that_takes_too_long_ends_with_the_reason():
    seconds = count(step=50.0)
    meter = limits.Meter(clock=lambda: next(seconds))
    with pytest.raises(Problem) as caught:
        list(meter.over(iter(range(10_000))))
    assert caught.value.extensions["reason"] == "too_long_to_read"


def test_reading_that_nobody_waits_for_any_more_ends():
    under_way = Errand()
    running = copy_context()
    running.run(errand.set, under_way)
    rows = open_table(b"employee_no\n" + b"1\n" * 10_000, COLUMNS).rows()
    assert running.run(next, rows).values == {"employee_no": "1"}
    under_way.call_off()
    with pytest.raises(CalledOff):
        running.run(list, rows)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_beyond_the_calendar_is_an_error_of_its_row(day):
    row = only(f"工号,入职日期\n1,{day}\n")
    assert codes(row) == ["out_of_range"]
    assert "1900" in row.errors[0].text("zh-CN")


@pytest.mark.parametrize(
    "moment", ["0001-01-01T02:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T23:59:59Z"]
)
def test_a_moment_beyond_the_calendar_is_an_error_of_its_row(moment):
    assert codes(only(f"工号,加入时间\n1,{moment}\n")) == ["out_of_range"]


@pytest.mark.parametrize("moment", ["1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_in_it(moment):
    assert codes(only(f"工号,加入时间\n1,{moment}\n")) == []


def test_ndjson_passes_the_gate_of_all_json():
    lines = [b'{"employee_no": "1", "employee_no": "2"}', b'{"employee_no": "\\u0000"}', b'{"employee_no": "\\ud800"}']
    lines += [b'{"employee_no": NaN}', b'{"employee_no": "\xff"}', '{"工号": "1", "employee_no": "2"}'.encode()]
    rows = read(b"\n".join(lines), media_type="application/x-ndjson")
    assert [codes(row) for row in rows] == [["malformed_row"]] * 6
