"""Tables to read in tests: columns, files of every kind, and short ways to ask what became of them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from chassis.problems import Problem
from chassis.tabular import Column, Kind, Row, open_table

COLUMNS = (
    Column("employee_no", ("工号", "employee_no"), Kind.CODE, required=True),
    Column("display_name", ("姓名", "display_name", "name")),
    Column("hired_on", ("入职日期", "hired_on"), Kind.DATE),
    Column("joined_at", ("加入时间", "joined_at"), Kind.DATETIME),
    Column("kind", ("类型", "kind"), choices={"员工": "employee", "employee": "employee", "外部": "external"}),
)


def read(content: str | bytes, **options: Any) -> list[Row]:
    content = content.encode() if isinstance(content, str) else content
    return list(open_table(content, COLUMNS, **options).rows())


def only(content: str | bytes, **options: Any) -> Row:
    (row,) = read(content, **options)
    return row


def codes(row: Row) -> list[str]:
    return [error.code for error in row.errors]


def refusal(content: str | bytes, **options: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        read(content, **options)
    return caught.value


def reason(content: str | bytes, **options: Any) -> str:
    return str(refusal(content, **options).extensions["reason"])


def workbook(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rezipped(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with these parts in place of its own, or beside them."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, parts.get(name, source.read(name)))
        for name in parts.keys() - set(source.namelist()):
            out.writestr(name, parts[name])
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(rows: str, after: str = "") -> bytes:
    """A workbook whose only sheet has these rows, written in XML, below a header of number and name."""
    header = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>工号</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>姓名</t></is></c></row>'
    )
    xml = f'<worksheet xmlns="{_NAMESPACE}"><sheetData>{header}{rows}</sheetData>{after}</worksheet>'
    return rezipped(workbook(["x"]), {SHEET: xml.encode()})


def with_shared_texts(texts: Sequence[str], rows: str) -> bytes:
    """The same, with the texts that cells of type `s` refer to, each in XML as the inside of an `si`."""
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>'
    )
    shared = f'<sst xmlns="{_NAMESPACE}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>'
    parts = {"xl/_rels/workbook.xml.rels": relations.encode(), "xl/sharedStrings.xml": shared.encode()}
    return rezipped(sheet_of(rows), parts)
