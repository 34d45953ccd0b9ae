"""What can be wrong with a table, in both languages."""

from collections.abc import Iterable

from chassis.locale import Locale
from chassis.problems import FieldError, Problem, ProblemType

TABLE_INVALID = ProblemType(
    "table_invalid", 422, en="The file cannot be used as a table", zh="无法将该文件作为表格读取"
)

_FILE = {
    "empty_file": ("The file is empty.", "文件为空。"),
    "file_too_large": ("The file is larger than {limit} MiB.", "文件超过 {limit} MiB。"),
    "wrong_encoding": (
        "The text is neither UTF-8 nor GB18030; save it as UTF-8.",
        "文本既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8。",
    ),
    "old_excel": ("This is the old .xls format; save it as .xlsx.", "这是旧版 .xls 文件，请另存为 .xlsx。"),
    "not_xlsx": ("The file is not a readable .xlsx workbook.", "该文件不是可读取的 .xlsx 工作簿。"),
    "zip_bomb": ("The workbook unpacks to more than is accepted.", "该工作簿解压后超出允许的大小。"),
    "malformed_header": ("The header row cannot be read.", "无法读取表头。"),
    "unknown_column": ("There is no column of this name: {name}", "没有这样的列：{name}"),
    "duplicate_column": ("Two columns mean the same: {name}", "列重复：{name}"),
    "missing_column": ("A required column is missing: {name}", "缺少必填列：{name}"),
    "unnamed_column": ("Column {position} has cells but no name.", "第 {position} 列没有列名。"),
}

_ROW = {
    "malformed_row": ("The row cannot be read: {reason}", "无法读取该行：{reason}"),
    "too_many_cells": ("The row has more cells than the header.", "该行的单元格多于表头。"),
    "unknown_column": ("There is no column of this name: {name}", "没有这样的列：{name}"),
    "required": ("{column} must not be empty.", "“{column}”不能为空。"),
    "number_not_text": (
        "{column} is a number, so its leading zeros may be lost; format the column as text.",
        "“{column}”是数字格式，前导零可能已丢失，请将该列设为文本。",
    ),
    "mangled_number": (
        "{column} was turned into {value} by a spreadsheet; format the column as text and enter it again.",
        "“{column}”已被表格软件改成 {value}，请将该列设为文本后重新填写。",
    ),
    "not_a_date": ("{column} is not a date (2024-01-31): {value}", "“{column}”不是日期（如 2024-01-31）：{value}"),
    "not_a_time": (
        "{column} is not a time (2024-01-31T09:00:00+08:00): {value}",
        "“{column}”不是时间（如 2024-01-31T09:00:00+08:00）：{value}",
    ),
    "time_without_zone": (
        "{column} needs an offset such as +08:00: {value}",
        "“{column}”缺少时区（如 +08:00）：{value}",
    ),
    "not_a_choice": ("{column} must be one of {choices}.", "“{column}”只能是：{choices}。"),
    "too_long": ("{column} is longer than {limit} characters.", "“{column}”超过 {limit} 个字符。"),
    "cell_error": ("{column} holds an error of the spreadsheet: {value}", "“{column}”是表格错误值：{value}"),
    "not_text": ("{column} cannot be read as text.", "“{column}”无法按文本读取。"),
    "wrong_encoding": ("The row is not UTF-8.", "该行不是 UTF-8 编码。"),
}


def file_problem(code: str, *, pointers: Iterable[str] = (), **values: object) -> Problem:
    """The 422 for a file of which nothing can be used; `pointers` name the columns at fault."""
    english, _ = _FILE[code]
    names = list(pointers)
    if not names:
        return TABLE_INVALID(english.format(**values), reason=code)
    errors = [FieldError(f"/columns/{name}", code, english.format(name=name, position=name)) for name in names]
    return TABLE_INVALID(errors[0].detail, errors=errors, reason=code)


def row_error_text(code: str, locale: Locale, **values: object) -> str:
    """One sentence about what is wrong with a row, in the given language."""
    english, chinese = _ROW[code]
    return (chinese if locale == "zh-CN" else english).format(**values)
