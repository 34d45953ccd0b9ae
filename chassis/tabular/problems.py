"""What can be wrong with a table, in both languages."""

from collections.abc import Sequence
from typing import Final

from chassis.locale import Locale
from chassis.problems import FieldError, Problem, ProblemType

TABLE_INVALID = ProblemType(
    "table_invalid", 422, en="The file cannot be used as a table", zh="无法将该文件作为表格读取"
)

MAX_NAMED: Final = 20
"""How many columns one refusal names."""
_SHOWN = 60

_FILE = {
    "empty_file": ("The file is empty.", "文件为空。"),
    "file_too_large": ("The file is larger than {limit} MiB.", "文件超过 {limit} MiB。"),
    "wrong_encoding": (
        "The text is neither UTF-8 nor GB18030; save it as UTF-8.",
        "文本既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8。",
    ),
    "wrong_encoding_guessed": (
        "The text may be {guess}, but this is not certain; save it as UTF-8, or send its encoding: text/csv; charset=…",
        "文本看起来是 {guess} 编码，但无法确定；请另存为 UTF-8，或在请求中注明编码：text/csv; charset=…",
    ),
    "unknown_charset": (
        "The declared encoding {name} is unknown; save the file as UTF-8.",
        "不认识所声明的编码 {name}，请将文件另存为 UTF-8。",
    ),
    "wrong_declaration": (
        "The text is declared as {name} but looks like {guess}; save it as UTF-8 and declare it so.",
        "文本声明为 {name}，实际却像 {guess} 编码；请另存为 UTF-8 并如实声明。",
    ),
    "old_excel": ("This is an old .xls file; save it as .xlsx.", "这是旧版 .xls 文件，请另存为 .xlsx。"),
    "encrypted": (
        "The workbook needs a password to open; save it without one.",
        "该工作簿设置了打开密码，请取消密码后再上传。",
    ),
    "not_xlsx": ("The file is not a readable .xlsx workbook: {why}.", "该文件不是可读取的 .xlsx 工作簿：{why}。"),
    "no_visible_sheet": ("Every sheet of the workbook is hidden.", "工作簿中没有可见的工作表。"),
    "zip_bomb": ("The workbook is too large when unpacked.", "该工作簿解压后超出允许的大小。"),
    "not_a_calendar": (
        "The file is no calendar: it does not begin with BEGIN:VCALENDAR.",
        "该文件不是日历：开头不是 BEGIN:VCALENDAR。",
    ),
    "calendar_unbalanced": (
        "Line {line} of the calendar ends what did not begin there.",
        "日历第 {line} 行的 END 与 BEGIN 不对应。",
    ),
    "calendar_not_ended": (
        "What begins in line {line} of the calendar does not end.",
        "日历第 {line} 行的 BEGIN 没有 END。",
    ),
    "calendar_too_deep": (
        "Line {line} of the calendar is nested more than {limit} deep.",
        "日历第 {line} 行嵌套超过 {limit} 层。",
    ),
    "calendar_line_too_long": (
        "The line {line} of the calendar, with those that go on with it, is longer than 1 MiB.",
        "日历第 {line} 行（含续行）超过 1 MiB。",
    ),
    "malformed_header": ("The header row cannot be read.", "无法读取表头。"),
    "unknown_column": ("No column has this name: {name}", "没有这样的列：{name}"),
    "duplicate_column": ("Two columns have the same meaning: {name}", "列重复：{name}"),
    "missing_column": ("A required column is missing: {name}", "缺少必填列：{name}"),
    "unnamed_column": ("Column {position} has values but no name.", "第 {position} 列没有列名。"),
    "too_many_columns": ("The file has more than {limit} columns.", "文件超过 {limit} 列。"),
    "too_many_rows": ("The file has more than {limit} rows; split it.", "文件超过 {limit} 行，请拆分后上传。"),
    "too_many_cells": (
        "The workbook has more than {limit} cells; split it.",
        "工作簿超过 {limit} 个单元格，请拆分后上传。",
    ),
    "too_many_texts": (
        "The workbook contains too much text; split it, or save it as CSV.",
        "工作簿中的文本过多，请拆分或另存为 CSV 后上传。",
    ),
    "too_many_errors": (
        "More than {limit} rows cannot be used; this may be the wrong file.",
        "超过 {limit} 行无法使用，可能选错了文件。",
    ),
    "too_long_to_read": (
        "Reading the file took longer than {limit} s; split it.",
        "读取文件超过 {limit} 秒，请拆分后上传。",
    ),
}

_ROW = {
    "malformed_row": ("The row cannot be read: {reason}", "无法读取该行：{reason}"),
    "too_many_cells": ("The row has more cells than the header.", "该行的单元格多于表头。"),
    "unknown_column": ("No column has this name: {name}", "没有这样的列：{name}"),
    "required": ("{column} must not be empty.", "“{column}”不能为空。"),
    "number_not_text": (
        "{column} is a number, so its leading zeros may be lost; format the column as text.",
        "“{column}”是数字格式，前导零可能已丢失，请将该列设为文本。",
    ),
    "mangled_number": (
        "A spreadsheet turned {column} into {value}; format the column as text and enter it again.",
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
    "cell_error": ("{column} contains a spreadsheet error: {value}", "“{column}”是表格错误值：{value}"),
    "merged_cell": (
        "{column} is part of merged cells, so its value is unclear; unmerge the cells and fill in each one.",
        "“{column}”被合并单元格覆盖，无法确定其内容，请取消合并并逐格填写。",
    ),
    "formula_without_result": (
        "{column} is a formula without a stored result; open and save the file in a spreadsheet, or enter the value.",
        "“{column}”的公式没有计算结果，请用表格软件打开并保存，或直接填写值。",
    ),
    "broken_cell": ("{column} is a broken cell.", "“{column}”的单元格已损坏。"),
    "out_of_range": (
        "{column} must be in the years {first} to {last}: {value}",
        "“{column}”须在 {first} 至 {last} 年之间：{value}",
    ),
    "not_text": ("{column} cannot be read as text.", "“{column}”无法按文本读取。"),
    "wrong_encoding": (
        "The row has bytes that do not fit the encoding of the file; a character was cut or has another encoding.",
        "该行含有不符合文件编码的字节：字符被截断，或来自其他编码。",
    ),
    "more_errors": ("The row has more errors that are not listed.", "该行还有更多错误未列出。"),
}


_REASONS = {
    "unclosed_quote": (
        "A quotation mark in this row is not closed; close it, or write it twice if it is part of the text.",
        "该行有未闭合的引号；请补上引号，如引号本身是内容，请连写两个。",
    ),
    "stray_quote": (
        "A quotation mark in this row is in the wrong place; write it twice if it is part of the text.",
        "该行的引号位置不对；如引号本身是内容，请连写两个。",
    ),
    "too_long": ("longer than 1 MiB", "超过 1 MiB"),
    "named_twice": ("it names {column} twice", "“{column}”出现了两次"),
    "not_an_object": ("not an object", "不是 JSON 对象"),
}
"""Why a row cannot be read, where that can be said in words of ours."""


def file_problem(code: str, *, wording: str | None = None, pointers: Sequence[str] = (), **values: object) -> Problem:
    """The 422 for a file of which nothing can be used; `pointers` name the columns at fault, the first of them.

    `wording` names the sentence where one code has several.
    """
    english, chinese = _FILE[wording or code]
    if not pointers:
        return TABLE_INVALID(english.format(**values), chinese.format(**values), reason=code)
    errors = [
        FieldError(
            f"/columns/{_escaped(name)}",
            code,
            english.format(name=name, position=name),
            chinese.format(name=name, position=name),
        )
        for name in (pointer[:_SHOWN] for pointer in pointers[:MAX_NAMED])
    ]
    return TABLE_INVALID(errors[0].detail, errors[0].zh, errors=errors, reason=code)


def _escaped(name: str) -> str:
    """As a part of a JSON pointer, and without what no answer could carry."""
    return name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")


def row_error_text(code: str, locale: Locale, **values: object) -> str:
    """One sentence about what is wrong with a row, in the given language."""
    english, chinese = _ROW[code]
    if (reason := _REASONS.get(str(values.get("reason")))) is not None:
        values["reason"] = (reason[1] if locale == "zh-CN" else reason[0]).format(**values)
    return (chinese if locale == "zh-CN" else english).format(**values)
