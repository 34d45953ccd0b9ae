import io
import zipfile
from datetime import date, datetime
from random import Random

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from chassis.tabular import limits, open_table, workbooks, xlsx_rows
from chassis.tabular.xml_events import consume, parse
from tests.support.tables import (
    COLUMNS,
    SHEET,
    codes,
    only,
    read,
    reason,
    refusal,
    rezipped,
    saved,
    sheet_of,
    with_shared_texts,
    workbook,
)

NUMBER = '<c r="A{row}" t="inlineStr"><is><t>{row}</t></is></c>'


def row(number, name_cell):
    return f'<row r="{number}">{NUMBER.format(row=number)}{name_cell}</row>'


def name_in(cell):
    """What a cell of names, written in XML, is read as."""
    return only(sheet_of(row(2, cell)))


# --- only an empty cell clears ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["", '<c r="B2"/>', '<c r="B2" s="0"/>', '<c r="B2"><v/></c>', '<c r="B2" t="n"><v></v></c>']
)
def test_an_empty_cell_clears(cell):
    assert name_in(cell).values == {"employee_no": "2", "display_name": None}


@pytest.mark.parametrize(
    "cell", ['<c r="B2"><f>A1</f></c>', '<c r="B2"><f>A1</f><v></v></c>', '<c r="B2" t="str"><f>A1&amp;""</f><v/></c>']
)
def test_a_formula_without_a_stored_result_is_an_error_and_clears_nothing(cell):
    found = name_in(cell)
    assert (codes(found), found.values) == (["formula_without_result"], {})


def test_a_formula_with_its_result_is_read_as_the_result():
    assert name_in('<c r="B2" t="str"><f>A1</f><v>张伟</v></c>').values["display_name"] == "张伟"


def test_cells_under_merged_ones_are_errors_and_clear_nothing():
    book = Workbook()
    sheet = book.worksheets[0]
    for number, name in [("工号", "姓名"), ("1", "张伟"), ("2", None), ("3", None), ("4", None)]:
        sheet.append([number, name])
    sheet.merge_cells("B2:B4")
    found = read(saved(book))
    assert [codes(one) for one in found] == [[], ["merged_cell"], ["merged_cell"], []]
    assert found[0].values["display_name"] == "张伟"
    assert found[3].values["display_name"] is None


def test_merged_cells_beside_the_table_do_no_harm():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["工号", "姓名"])
    sheet.append(["1", "张伟"])
    sheet.merge_cells("D1:F9")
    assert only(saved(book)).values["display_name"] == "张伟"


def test_a_merged_title_above_the_header_that_is_empty_is_no_header():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([None])
    sheet.merge_cells("A1:C1")
    sheet.append(["工号", "姓名"])
    sheet.append(["1", "张伟"])
    assert only(saved(book)).number == 3


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2" t="s"><v>99999</v></c>',
        '<c r="B2" t="s"><v>-1</v></c>',
        '<c r="B2"><v>abc</v></c>',
        '<c r="B2"><v>1_000</v></c>',
        '<c r="B2"><v>NaN</v></c>',
        '<c r="B2" t="b"><v>maybe</v></c>',
        '<c r="B2" t="d"><v>someday</v></c>',
        '<c r="B2" t="quaternion"><v>1</v></c>',
        f'<c r="B2"><v>{"9" * 5000}</v></c>',
    ],
)
def test_a_broken_cell_is_an_error_of_its_row(cell):
    rows = read(sheet_of(row(2, cell) + row(3, '<c r="B3" t="inlineStr"><is><t>b</t></is></c>')))
    assert [codes(one) for one in rows] == [["broken_cell"], []]


# --- which sheet, which text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_sheet_that_can_be_seen_is_read(state):
    book = Workbook()
    book.worksheets[0].append(["工号"])
    book.worksheets[0].append(["old"])
    book.worksheets[0].sheet_state = state
    for name, number in (("seen", "1"), ("later", "2")):
        sheet = book.create_sheet(name)
        sheet.append(["工号"])
        sheet.append([number])
    assert only(saved(book)).values == {"employee_no": "1"}


def test_a_workbook_whose_sheets_are_all_hidden_is_refused():
    content = workbook(["工号"], ["1"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").replace(b'state="visible"', b'state="hidden"')
    assert reason(rezipped(content, {"xl/workbook.xml": book})) == "no_visible_sheet"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张_x000D_\n伟", "张\n伟"),
        ("a_x005F_x000D_b", "a_x000D_b"),
        ("_xD83D__xDE00_", "😀"),
        ("_x20_x_", "_x20_x_"),
    ],
)
def test_escaped_characters_are_the_characters_that_are_meant(written, meant):
    assert name_in(f'<c r="B2" t="inlineStr"><is><t>{written}</t></is></c>').values["display_name"] == meant
    assert name_in(f'<c r="B2" t="str"><v>{written}</v></c>').values["display_name"] == meant


@pytest.mark.parametrize("written", ["a_x0000_", "_xD83D_", "_x0007_"])
def test_an_escaped_character_that_is_no_text_is_an_error_of_its_row(written):
    assert codes(name_in(f'<c r="B2" t="inlineStr"><is><t>{written}</t></is></c>')) == ["not_text"]


RUNS = (
    '<r><t>张</t></r><r><rPr/><t xml:space="preserve">伟 _x000D_</t></r>'
    '<rPh sb="0" eb="1"><t>zhang</t></rPh><phoneticPr fontId="1"/>'
)


def test_a_text_in_runs_is_read_without_its_pronunciation():
    assert name_in(f'<c r="B2" t="inlineStr"><is>{RUNS}</is></c>').values["display_name"] == "张伟"
    shared = with_shared_texts(["<t>0</t>", RUNS], row(2, '<c r="B2" t="s"><v>1</v></c>'))
    assert only(shared).values["display_name"] == "张伟"


def test_dates_in_the_formats_of_chinese_excel_are_dates():
    content = workbook(["工号", "入职日期"], ["1", datetime(2024, 1, 5)])  # noqa: DTZ001 - as openpyxl has them
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        styles = archive.read("xl/styles.xml")
    for number in (14, 31, 57):
        changed = (
            styles.replace(b'numFmtId="164"', b'numFmtId="%d"' % number)
            .replace(b"<numFmts", b"<x")
            .replace(b"</numFmts", b"</x")
        )
        assert only(rezipped(content, {"xl/styles.xml": changed})).values["hired_on"] == date(2024, 1, 5)


def test_dates_counted_from_1904_are_the_same_days():
    book = Workbook()
    from openpyxl.utils.datetime import MAC_EPOCH

    book.epoch = MAC_EPOCH
    book.worksheets[0].append(["工号", "入职日期"])
    book.worksheets[0].append(["1", date(2024, 1, 5)])
    assert only(saved(book)).values["hired_on"] == date(2024, 1, 5)


# --- refused with a reason -------------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


def test_an_encrypted_workbook_is_called_encrypted():
    assert reason(OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500) == "encrypted"
    assert reason(OLE + "Workbook".encode("utf-16-le")) == "old_excel"


def test_an_archive_with_a_password_is_called_encrypted():
    content = bytearray(workbook(["工号"], ["1"]))
    for magic, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := content.find(magic, start)) >= 0:
            content[start + place] |= 1
            start += 4
    assert reason(bytes(content)) == "encrypted"


def test_a_document_type_declaration_is_refused_with_the_reason():
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"):
        hostile = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
        problem = refusal(rezipped(workbook(["工号"], ["1"]), {part: hostile}))
        assert problem.extensions["reason"] == "not_xlsx"
        assert "document type" in problem.detail


@pytest.mark.parametrize("number", ["2147483648", "99999999999999999999", "-1", "1.5", "x", "1048577", "", "1"])
def test_a_row_out_of_place_is_refused_at_once(number):
    assert reason(sheet_of(f'<row r="{number}">{NUMBER.format(row=2)}</row>')) == "not_xlsx"


def test_a_sheet_of_two_rows_a_million_apart_is_two_rows():
    assert [one.number for one in read(sheet_of(row(2, "") + row(1_048_576, "")))] == [2, 1_048_576]


@pytest.mark.parametrize("reference", ["XFE2", "ZZZZ2", "2", "", "A0x", "a2", "A99999999"])
def test_a_cell_out_of_place_is_refused(reference):
    assert reason(sheet_of(f'<row r="2"><c r="{reference}"/></row>')) == "not_xlsx"


def test_the_same_cell_twice_is_refused():
    assert reason(sheet_of(f'<row r="2">{NUMBER.format(row=2) * 2}</row>')) == "not_xlsx"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/workbook.xml", b"not xml"),
        (SHEET, b"<worksheet><sheetData>"),
        (SHEET, b""),
        (SHEET, b"\xff\xfe\xff"),
        (SHEET, b'<?xml version="1.0" encoding="klingon"?><worksheet/>'),
        ("xl/styles.xml", b'<styleSheet><numFmt numFmtId="x"/></styleSheet>'),
        ("xl/_rels/workbook.xml.rels", b"<Relationships/>"),
    ],
)
def test_damaged_parts_are_refused_with_the_reason(part, content):
    assert reason(rezipped(workbook(["工号"], ["1"]), {part: content})) == "not_xlsx"


def test_other_archives_are_no_workbooks():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert reason(content.getvalue()) == "not_xlsx"


# --- no more than is accepted ----------------------------------------------------------------------------------------


def test_columns_without_end_are_refused():
    cells = "".join(f'<c r="{get_column_letter(n)}1" t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(1, 400))
    xml = f'<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    assert reason(rezipped(workbook(["x"]), {SHEET: xml.encode()})) == "too_many_columns"


def test_a_cell_far_to_the_right_is_an_error_of_its_row():
    assert codes(name_in('<c r="XFD2"><v>1</v></c>')) == ["too_many_cells"]


def test_texts_without_end_are_refused(monkeypatch):
    content = with_shared_texts([f"<t>name {n}</t>" for n in range(101)], row(2, '<c r="B2" t="s"><v>100</v></c>'))
    assert only(content).values["display_name"] == "name 100"
    monkeypatch.setattr(workbooks, "MAX_TEXTS", 100)
    assert reason(content) == "too_many_texts"
    monkeypatch.undo()
    monkeypatch.setattr(workbooks, "MAX_TEXT_CHARACTERS", 100)
    assert reason(content) == "too_many_texts"


@pytest.mark.slow
def test_a_million_shared_texts_are_refused_within_the_bounds():
    assert reason(with_shared_texts([f"<t>{n}</t>" for n in range(1_000_000)], row(2, ""))) == "too_many_texts"


def test_cells_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx_rows, "MAX_CELLS", 100)
    assert reason(workbook(["工号"], *([str(n)] for n in range(100)))) == "too_many_cells"


def test_a_sheet_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_SECONDS", 0.0)
    assert reason(sheet_of("".join(row(n, "") for n in range(2, 5000)))) == "too_long_to_read"


def test_a_dense_chunk_of_xml_is_left_for_a_look_many_times(monkeypatch):
    looks = []
    monkeypatch.setattr(limits.Meter, "check", lambda self: looks.append(1))
    consume(parse([b"<a>" + b"<c/>" * 10_000 + b"</a>"], limits.Meter(), start=lambda name, attributes: None))
    assert len(looks) > 10_000 / 300


@pytest.mark.parametrize("merged", ["A1:XFD1048576", "B1:GZ1048576"])
def test_merged_cells_without_end_cost_nothing(merged):
    cells = f"<mergeCells>{f'<mergeCell ref={chr(34)}{merged}{chr(34)}/>' * 5000}</mergeCells>"
    assert reason(sheet_of(row(2, ""), cells)) == "not_xlsx"


def test_one_piece_of_xml_as_large_as_the_file_is_refused():
    attribute = Random(1).randbytes(1_000_000).hex().encode()
    xml = b'<worksheet><sheetData a="' + attribute + b'"/></worksheet>'
    problem = refusal(rezipped(workbook(["工号"], ["1"]), {SHEET: xml}))
    assert "too large" in problem.detail


def test_a_text_longer_than_a_cell_may_be_is_refused():
    assert reason(sheet_of(row(2, f'<c r="B2" t="inlineStr"><is><t>{"x" * 40_000}</t></is></c>'))) == "not_xlsx"


def test_a_directory_of_a_million_entries_is_refused_before_it_is_read():
    assert reason(b"PK\x03\x04" + b"PK\x01\x02" * 1_000_000) == "zip_bomb"


def test_a_file_that_was_checked_can_be_read_more_than_once():
    table = open_table(workbook(["工号"], ["1"], ["2"]), COLUMNS)
    assert [one.number for one in table.rows()] == [one.number for one in table.rows()] == [2, 3]
    assert table.rows_hint == 2
