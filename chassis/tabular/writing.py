"""Rows as a file that a spreadsheet opens."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from chassis.budget import check

OutCell = str | int | float | date | None
"""What a cell may hold: text is never calculated, a number stays one."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARDED: Final = re.compile(" *'(?=[' ]*[=+\\-@＝＋－＠])")
# What XML 1.0 cannot say, not even escaped.
_IMPOSSIBLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A workbook's text reads this as the character of the number.
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_TEXT: Final = 32_767
"""Characters of a cell; programs refuse a workbook that has more."""


def csv_file(rows: Iterable[Sequence[OutCell]]) -> bytes:
    """The rows as CSV, beginning with a byte order mark, without which Excel in Chinese reads it as GB18030.

    A text that a spreadsheet would calculate gets an apostrophe before it, which makes it text: names are what people wrote.
    `unguarded` takes it away again.
    """
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in _checked(rows))
    return text.getvalue().encode("utf-8-sig", errors="replace")


def xlsx_file(rows: Iterable[Sequence[OutCell]], *, title: str) -> bytes:
    """The rows as a workbook of one sheet, the first of them as its header. Texts are written as texts: none is a formula."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, part in _PARTS.items():
            # Opened, and not `writestr`, which notes the time: the same rows are the same file.
            with archive.open(name, "w") as file:
                file.write(part.format(title=_xml(title[:31], quoted=True)).encode())
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET_BEGINS.encode())
            for number, row in enumerate(_checked(rows), start=1):
                style = ' s="1"' if number == 1 else ""
                cells = "".join(_cell(value, style) for value in row)
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(_SHEET_ENDS.encode())
    return content.getvalue()


def unguarded(text: str) -> str:
    """A text of a cell as it was before a file was written: one apostrophe before what a spreadsheet would calculate is not of it."""
    return text.replace("'", "", 1) if _GUARDED.match(text) else text


def _guarded(text: str) -> str:
    """A text that begins like one with an apostrophe that is not of it gets that, too: the one it has stays."""
    return f"'{text}" if _GUARDED.match(text) else text


def _checked(rows: Iterable[Sequence[OutCell]]) -> Iterable[Sequence[OutCell]]:
    """The rows; where they are written as an errand it can be called off at each."""
    for row in rows:
        check()
        yield row


def _plain(cell: OutCell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(_BEGINS_FORMULA) else _guarded(cell)
    return _number(cell)


def _number(value: float | date) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _cell(value: OutCell, style: str) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str | date):
        words = _guarded(value) if isinstance(value, str) else value.isoformat()
        return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{_xml(words[:_LONGEST_TEXT])}</t></is></c>'
    return f"<c{style}><v>{_number(value)}</v></c>"


def _xml(words: str, *, quoted: bool = False) -> str:
    text = escape(_ESCAPE.sub("_x005F_", _IMPOSSIBLE.sub("\ufffd", words)))
    return text.replace('"', "&quot;") if quoted else text


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_BEGINS: Final = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" '
    'defaultColWidth="16"/><sheetData>'
)
_SHEET_ENDS: Final = "</sheetData></worksheet>"
_PARTS: Final = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" '
    'borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
