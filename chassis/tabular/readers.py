"""CSV, XLSX and NDJSON as one stream of rows."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from chassis.tabular.cells import CellProblem, CellValue, date_of, datetime_of, is_empty, text_of
from chassis.tabular.columns import Column, Kind, Row, RowProblem, header_key
from chassis.tabular.problems import file_problem

MAX_BYTES = 50 * 1024 * 1024
MAX_COLUMNS = 200
MAX_LINE_BYTES = 1024 * 1024
# A workbook is a zip archive of XML. Real ones unpack to some ten times their size; these bounds are far above that.
MAX_ZIP_ENTRIES = 1000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_RATIO = 200
RATIO_FREE_BYTES = 4 * 1024 * 1024

NDJSON_TYPES = ("application/x-ndjson", "application/jsonl", "application/ndjson")

_XLS_MAGIC = b"\xd0\xcf\x11\xe0"
_ZIP_MAGIC = b"PK\x03\x04"
_CSV_DELIMITERS = (",", ";", "\t")
_CHUNK = 1 << 20
# What openpyxl lets through from damaged or hostile archives and XML (its parse errors are SyntaxErrors, defusedxml's ValueErrors).
_BROKEN_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    OSError,
    TypeError,
    SyntaxError,
    AttributeError,
)

RawRow = tuple[int, Sequence[Any] | CellProblem]


@dataclass(frozen=True)
class Table:
    """A checked file. `present` names the columns it has; `rows_hint` is about how many rows, for progress bars."""

    present: frozenset[str]
    rows_hint: int
    _rows: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file, empty ones left out; each call starts again."""
        return self._rows()


def open_table(
    content: bytes, columns: Sequence[Column], *, media_type: str | None = None, zone: ZoneInfo | None = None
) -> Table:
    """Check a file and its header, and hand out its rows.

    The content decides between CSV and XLSX; NDJSON is read where `media_type` says so. CSV is UTF-8, with or without a byte
    order mark, else GB18030; its delimiter is a comma, semicolon or tab. Of a workbook the first sheet counts. Times
    without offset are in `zone`. Raises `TABLE_INVALID` (422) when nothing in the file can be used.
    """
    if len(content) > MAX_BYTES:
        raise file_problem("file_too_large", limit=MAX_BYTES // 2**20)
    if not content.strip():
        raise file_problem("empty_file")
    if content.startswith(_XLS_MAGIC):
        raise file_problem("old_excel")
    if media_type is not None and media_type.split(";")[0].strip().lower() in NDJSON_TYPES:
        return _open_ndjson(content, columns, zone)
    if content.startswith(_ZIP_MAGIC):
        return _open_xlsx(content, columns, zone)
    return _open_csv(content, columns, zone)


# --- CSV -----------------------------------------------------------------------------------------------------------


def _open_csv(content: bytes, columns: Sequence[Column], zone: ZoneInfo | None) -> Table:
    encoding = _encoding_of(content)
    first = next(iter(io.TextIOWrapper(io.BytesIO(content), encoding=encoding)), "")
    delimiter = max(_CSV_DELIMITERS, key=first.count)

    def raw_rows() -> Iterator[RawRow]:
        # `strict` makes a stray quote an error instead of a guess; the reader goes on with the next row after it.
        reader = csv.reader(
            io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline=""), delimiter=delimiter, strict=True
        )
        number = 0
        while True:
            number += 1
            try:
                yield number, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, CellProblem("malformed_row", {"reason": str(error)})

    return _table(raw_rows, columns, zone, rows_hint=content.count(b"\n"))


def _encoding_of(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _CHUNK):
                if "\0" in decoder.decode(content[start : start + _CHUNK]):
                    raise file_problem("wrong_encoding")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise file_problem("wrong_encoding")


# --- XLSX ----------------------------------------------------------------------------------------------------------


def _open_xlsx(content: bytes, columns: Sequence[Column], zone: ZoneInfo | None) -> Table:
    _check_archive(content)
    from openpyxl import load_workbook

    def raw_rows() -> Iterator[RawRow]:
        try:
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                sheet = workbook.worksheets[0]
                sheet.reset_dimensions()
                for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
                    yield number, [_xlsx_value(cell) for cell in cells]
            finally:
                workbook.close()
        except _BROKEN_WORKBOOK as error:
            raise file_problem("not_xlsx") from error

    return _table(raw_rows, columns, zone, rows_hint=_sheet_rows(content))


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise file_problem("not_xlsx") from error
    # `zipfile` never unpacks more than the declared size of an entry, so the declarations can be trusted as bounds.
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > RATIO_FREE_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > MAX_ZIP_ENTRIES or unpacked > MAX_UNPACKED_BYTES or dense:
        raise file_problem("zip_bomb")


def _sheet_rows(content: bytes) -> int:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return int(workbook.worksheets[0].max_row or 1)
        finally:
            workbook.close()
    except _BROKEN_WORKBOOK as error:
        raise file_problem("not_xlsx") from error


def _xlsx_value(cell: Any) -> Any:
    if getattr(cell, "data_type", None) == "e":
        return CellProblem("cell_error", {"value": str(cell.value)})
    return cell.value


# --- NDJSON --------------------------------------------------------------------------------------------------------


def _open_ndjson(content: bytes, columns: Sequence[Column], zone: ZoneInfo | None) -> Table:
    by_key = _by_header(columns)

    def rows() -> Iterator[Row]:
        for number, line in enumerate(io.BytesIO(content), start=1):
            text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if text.strip():
                yield _json_row(number, text, by_key, columns, zone)

    present = frozenset(column.name for column in columns)
    return Table(present=present, rows_hint=content.count(b"\n") + 1, _rows=rows)


def _json_row(
    number: int, line: bytes, by_key: dict[str, Column], columns: Sequence[Column], zone: ZoneInfo | None
) -> Row:
    try:
        if len(line) > MAX_LINE_BYTES:
            raise CellProblem("malformed_row", {"reason": "longer than 1 MiB"})
        document = orjson.loads(line)
        if not isinstance(document, dict):
            raise CellProblem("malformed_row", {"reason": "not an object"})
    except orjson.JSONDecodeError as error:
        return Row(number, {}, (RowProblem(CellProblem("malformed_row", {"reason": str(error)})),))
    except CellProblem as problem:
        return Row(number, {}, (RowProblem(problem),))
    problems = [
        RowProblem(CellProblem("unknown_column", {"name": name[:40]}))
        for name in document
        if header_key(name) not in by_key
    ]
    cells = {by_key[header_key(name)].name: value for name, value in document.items() if header_key(name) in by_key}
    return _row(
        number, ((column, cells[column.name]) for column in columns if column.name in cells), columns, zone, problems
    )


# --- what they share -----------------------------------------------------------------------------------------------


def _table(
    raw_rows: Callable[[], Iterator[RawRow]], columns: Sequence[Column], zone: ZoneInfo | None, *, rows_hint: int
) -> Table:
    header_number, header = _header(raw_rows())
    layout = _layout(header, columns)

    def rows() -> Iterator[Row]:
        for number, cells in raw_rows():
            if number <= header_number:
                continue
            if isinstance(cells, CellProblem):
                yield Row(number, {}, (RowProblem(cells),))
            elif not all(is_empty(cell) for cell in cells):
                problems = []
                if any(not is_empty(cell) for cell in cells[len(layout) :]):
                    problems.append(RowProblem(CellProblem("too_many_cells")))
                pairs = ((column, cell) for column, cell in zip(layout, cells, strict=False) if column is not None)
                yield _row(number, pairs, [column for column in layout if column], zone, problems)

    present = frozenset(column.name for column in layout if column is not None)
    return Table(present=present, rows_hint=max(rows_hint - header_number, 0), _rows=rows)


def _header(rows: Iterator[RawRow]) -> tuple[int, Sequence[Any]]:
    for number, cells in rows:
        if isinstance(cells, CellProblem):
            raise file_problem("malformed_header")
        if not all(is_empty(cell) for cell in cells):
            return number, cells
    raise file_problem("empty_file")


def _layout(header: Sequence[Any], columns: Sequence[Column]) -> list[Column | None]:
    """For each position of the header its column; trailing empty cells are dropped, an unnamed one between others is None."""
    names = ["" if is_empty(cell) else str(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    by_key = _by_header(columns)
    if unnamed := [str(position) for position, name in enumerate(names, start=1) if not name]:
        raise file_problem("unnamed_column", pointers=unnamed)
    if unknown := [name[:60] for name in names if header_key(name) not in by_key]:
        raise file_problem("unknown_column", pointers=unknown)
    layout = [by_key[header_key(name)] for name in names]
    if twice := [name for name, column in zip(names, layout, strict=True) if layout.count(column) > 1]:
        raise file_problem("duplicate_column", pointers=twice)
    if missing := [column.title for column in columns if column.required and column not in layout]:
        raise file_problem("missing_column", pointers=missing)
    return list(layout)


def _by_header(columns: Sequence[Column]) -> dict[str, Column]:
    return {key: column for column in columns for key in column.accepted_headers()}


def _row(
    number: int,
    pairs: Iterable[tuple[Column, Any]],
    expected: Sequence[Column],
    zone: ZoneInfo | None,
    problems: list[RowProblem],
) -> Row:
    values: dict[str, CellValue] = {}
    wrong: set[str] = set()
    for column, raw in pairs:
        try:
            values[column.name] = _value(column, raw, zone)
        except CellProblem as problem:
            wrong.add(column.name)
            problems.append(RowProblem(problem, column))
    problems.extend(
        RowProblem(CellProblem("required"), column)
        for column in expected
        if column.required and column.name not in wrong and values.get(column.name) is None
    )
    return Row(number, {} if problems else values, tuple(problems))


def _value(column: Column, raw: Any, zone: ZoneInfo | None) -> CellValue:
    if isinstance(raw, CellProblem):
        raise raw
    if is_empty(raw):
        return None
    if column.kind is Kind.DATE:
        return date_of(raw)
    if column.kind is Kind.DATETIME:
        return datetime_of(raw, zone)
    text = text_of(raw, code=column.kind is Kind.CODE)
    if len(text) > column.max_length:
        raise CellProblem("too_long", {"limit": column.max_length})
    if column.choices:
        by_key = {header_key(written): value for written, value in column.choices.items()}
        if header_key(text) not in by_key:
            raise CellProblem("not_a_choice", {"choices": ", ".join(column.choices)})
        return by_key[header_key(text)]
    return text
