import csv
import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from chassis.budget import CalledOff, Errand, errand
from chassis.tabular.writing import OutCell, csv_file, unguarded, xlsx_file
from tests.support.hostile import NAMES


@pytest.mark.parametrize("begins", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＠x"])
def test_what_a_spreadsheet_would_calculate_is_text(begins):
    ((cell,),) = csv.reader(io.StringIO(csv_file([[begins]]).decode("utf-8-sig"), newline=""))
    assert cell == f"'{begins}"


@pytest.mark.parametrize("said", ["=1", "'=1", "''=1", "' +1", "'x", "' '-", "'＠", "it's = 1", "'"])
def test_an_apostrophe_that_somebody_wrote_is_told_from_one_that_writing_added(said):
    ((cell,),) = csv.reader(io.StringIO(csv_file([[said]]).decode("utf-8-sig"), newline=""))
    assert unguarded(cell) == said
    assert unguarded(sheet([["h"], [said]])["A2"].value) == said


def test_other_text_stays_as_it_is():
    rows = [["姓名", "a,b", 'say "x"'], ["张伟", "00123", "two\nlines"]]
    content = csv_file(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == rows


def sheet(rows):
    [page] = load_workbook(io.BytesIO(xlsx_file(rows, title='周报 <"&'))).worksheets
    return page


def test_numbers_stay_numbers_in_both_forms_and_what_is_not_known_is_empty():
    rows: list[list[OutCell]] = [["n"], [-5], [0.25], [3.0], [None], [date(2024, 5, 6)]]
    assert csv_file(rows).decode("utf-8-sig").split() == ["n", "-5", "0.25", "3", '""', "2024-05-06"]
    page = sheet(rows)
    assert [row[0].value for row in page.iter_rows()] == ["n", -5, 0.25, 3, None, "2024-05-06"]
    assert page.title == '周报 <"&'
    assert page["A1"].font.b


@pytest.mark.parametrize("name", [*NAMES, "_x0041_", "+1", "@x", " =1", "a\r\nb", "🀄" * 20_000])
def test_no_text_of_a_workbook_is_a_formula_and_each_is_what_was_written(name):
    cell = sheet([["h"], [name]])["A2"]
    assert cell.data_type in ("s", "inlineStr")
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", name)[:32_767].replace("\r\n", "\n")
    assert unescape(cell.value).replace("\r\n", "\n") == kept


def test_a_large_workbook_is_written_in_little_time_and_can_be_called_off():
    def rows():
        for number in range(100_000):
            if number == 300:
                current = errand.get()
                assert current is not None
                current.call_off()
            yield [number]

    token = errand.set(Errand())
    try:
        with pytest.raises(CalledOff):
            xlsx_file(rows(), title="x")
    finally:
        errand.reset(token)


def test_a_workbook_does_not_say_when_it_was_written():
    with zipfile.ZipFile(io.BytesIO(xlsx_file([["a"]], title="t"))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
