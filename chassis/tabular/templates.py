"""The empty files that people fill in."""

import io
from collections.abc import Sequence
from typing import Literal

from chassis.tabular.columns import Column, Kind
from chassis.tabular.writing import csv_file

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_KINDS = {
    Kind.TEXT: "文本 text",
    Kind.CODE: "文本（保留前导零） text, leading zeros stay",
    Kind.DATE: "日期 date: 2024-01-31",
    Kind.DATETIME: "时间 time: 2024-01-31T09:00:00+08:00",
    Kind.LIST: "逗号分隔 separated by commas",
}


def template(columns: Sequence[Column], file_format: Literal["csv", "xlsx"]) -> bytes:
    """A file with the header in both languages and no rows; a workbook also explains its columns on a second sheet.

    The CSV begins with a byte order mark, without which Excel in Chinese reads it as GB18030. In the workbook columns of text
    are formatted as text, so that typed leading zeros stay.
    """
    return _csv(columns) if file_format == "csv" else _xlsx(columns)


def _csv(columns: Sequence[Column]) -> bytes:
    return csv_file([[column.title for column in columns]])


def _xlsx(columns: Sequence[Column]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "数据 data"
    sheet.append([column.title for column in columns])
    sheet.freeze_panes = "A2"
    guide = workbook.create_sheet("说明 guide")
    guide.append(["列 column", "格式 format", "必填 required", "可选值 values", "示例 example"])
    for position, column in enumerate(columns, start=1):
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = max(14, len(column.title) * 1.5)
        if column.kind is not Kind.DATE:
            sheet.column_dimensions[letter].number_format = "@"
        sheet.cell(row=1, column=position).font = Font(bold=True)
        guide.append(
            [
                column.title,
                _KINDS[column.kind],
                "是 yes" if column.required else "",
                " / ".join(column.choices),
                column.example,
            ]
        )
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
