"""CSV, XLSX and NDJSON as one stream of rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chassis.tabular import ndjson_rows
from chassis.tabular.cells import ESCAPED, CellError, CellValue, date_of, datetime_of, is_empty, list_of, text_of
from chassis.tabular.columns import Column, Kind, Row, RowError, header_key
from chassis.tabular.csv_rows import DELIMITERS, ROWS_ABOVE_HEADER, CsvFile, open_csv
from chassis.tabular.encodings import encoding_of, unmarked
from chassis.tabular.limits import MAX_BAD_ROWS, MAX_BYTES, MAX_COLUMNS, MAX_ERRORS_PER_ROW, Meter
from chassis.tabular.problems import file_problem
from chassis.tabular.writing import unguarded

if TYPE_CHECKING:
    from chassis.tabular.xlsx_rows import XlsxFile

NDJSON_TYPES = ("application/x-ndjson", "application/jsonl", "application/ndjson")

_ZIP_MAGIC = b"PK\x03\x04"
# What Microsoft's programs keep their older files in, and their encrypted newer ones, which then say so in a part of this name.
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")

Document = tuple[int, dict[str, Any] | CellError]
"""The line at which something stands, and its values by column, or why it cannot be read."""
RawRow = tuple[int, Sequence[Any] | CellError]


@dataclass(frozen=True)
class Table:
    """A checked file. `present` names the columns it has; `rows_hint` is about how many rows, for progress bars."""

    present: frozenset[str]
    rows_hint: int
    _rows: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file, empty ones left out; each call starts again.

        Raises `TABLE_INVALID` where the file turns out to be more than is accepted: too many rows, errors or seconds.
        """
        bad = 0
        for row in self._rows():
            if row.errors:
                bad += 1
                if bad > MAX_BAD_ROWS:
                    raise file_problem("too_many_errors", limit=MAX_BAD_ROWS)
            yield row


def open_table(
    content: bytes, columns: Sequence[Column], *, media_type: str | None = None, zone: ZoneInfo | None = None
) -> Table:
    """Check a file and its header, and hand out its rows. Takes seconds for a large workbook: never on the event loop.

    The content decides between CSV and XLSX; NDJSON is read where `media_type` says so. How a CSV is encoded is decided by its byte
    order mark, then by the `charset` of `media_type`, then by what it reads as; its delimiter by a `sep=` line, else by the header.
    Of a workbook the first sheet that is not hidden counts. Times without offset are in `zone`. Raises `TABLE_INVALID` (422) when
    nothing in the file can be used.
    """
    _refuse_unusable(content)
    essence, charset = media_type_of(media_type)
    if essence in NDJSON_TYPES:
        hint = content.count(b"\n") + 1
        return document_table(lambda: ndjson_rows.documents(content), columns, rows_hint=hint, zone=zone)
    by_key = _by_header(columns)
    if content.startswith(_ZIP_MAGIC):
        from chassis.tabular.xlsx_rows import open_xlsx  # what it stands on takes a while to load: not while we start

        return _xlsx_table(open_xlsx(content, Meter()), columns, zone)

    def knows(header: str) -> bool:
        return header_key(header) in by_key

    content = unmarked(content)
    encoding = encoding_of(content, charset, knows)
    return _csv_table(open_csv(content, encoding, knows=knows), columns, zone)


def sheet_rows(content: bytes, *, knows: Callable[[str], bool], media_type: str | None = None) -> Iterator[RawRow]:
    """The rows of CSV or XLSX with their numbers, as they were written: for readers that find the header themselves, below titles and notes.

    Empty ones are among them. A cell of a workbook that cannot be read is a `CellError`, and so is a row of CSV. `knows` says what is the
    name of a column, by which the encoding and the delimiter of a CSV are told. Raises `TABLE_INVALID` (422), also while it is read.
    """
    _refuse_unusable(content)
    if content.startswith(_ZIP_MAGIC):
        from chassis.tabular.xlsx_rows import open_xlsx

        meter = Meter()
        file = open_xlsx(content, meter)
        # As wide as what is merged: a row of which nothing else is left says that it is covered.
        yield from map(_as_written, meter.over(file.rows(meter, max(file.merged.first_rows, default=0))))
        return
    content = unmarked(content)
    encoding = encoding_of(content, media_type_of(media_type)[1], knows)
    meter = Meter()
    # Lines inside a quoted cell may well have as many commas as a row: only what cannot be read is looked at twice.
    yield from map(_as_written, meter.over(open_csv(content, encoding, knows=knows).rows(meter, lambda _: False)))


def _as_written(row: RawRow) -> RawRow:
    number, cells = row
    if isinstance(cells, CellError):
        return row
    return number, [unguarded(cell) if isinstance(cell, str) else cell for cell in cells]


def media_type_of(media_type: str | None) -> tuple[str, str | None]:
    """A media type without its parameters, and its charset."""
    if media_type is None:
        return "", None
    parsed = Message()
    parsed["content-type"] = media_type
    return parsed.get_content_type(), parsed.get_content_charset()


def _csv_table(file: CsvFile, columns: Sequence[Column], zone: ZoneInfo | None) -> Table:
    header_number, header = _header(file.rows(Meter(), lambda _: False))
    layout = _layout(header, columns)

    def is_row(cells: Sequence[str]) -> bool:
        return len(cells) == len(layout) and not _laid_out(0, cells, layout, zone).errors

    def rows() -> Iterator[Row]:
        meter = Meter()
        return _data_rows(meter.over(file.rows(meter, is_row)), header_number, layout, zone)

    return Table(
        present=frozenset(column.name for column in layout),
        rows_hint=max(file.content.count(b"\n") - header_number + 1, 0),
        _rows=rows,
    )


def _xlsx_table(file: "XlsxFile", columns: Sequence[Column], zone: ZoneInfo | None) -> Table:
    header_number, header = _header(file.rows(Meter(), 0))
    layout = _layout(header, columns)

    def rows() -> Iterator[Row]:
        meter = Meter()
        return _data_rows(meter.over(file.rows(meter, len(layout))), header_number, layout, zone)

    return Table(
        present=frozenset(column.name for column in layout),
        rows_hint=max(file.last_row - header_number, 0),
        _rows=rows,
    )


def document_table(
    documents: Callable[[], Iterator[Document]],
    columns: Sequence[Column],
    *,
    rows_hint: int,
    zone: ZoneInfo | None = None,
) -> Table:
    """A table of documents, whose values are named as columns are; each call of `documents` starts again."""
    by_key = _by_header(columns)

    def rows() -> Iterator[Row]:
        meter = Meter()
        for number, document in meter.over(documents()):
            if isinstance(document, CellError):
                yield Row(number, {}, (RowError(document),))
            else:
                yield _json_row(number, document, by_key, columns, zone)

    return Table(present=frozenset(column.name for column in columns), rows_hint=rows_hint, _rows=rows)


def _json_row(
    number: int,
    document: dict[str, Any],
    by_key: dict[str, Column],
    columns: Sequence[Column],
    zone: ZoneInfo | None,
) -> Row:
    errors: list[RowError] = []
    cells: dict[str, Any] = {}
    for name, value in document.items():
        column = by_key.get(header_key(name))
        if column is None:
            errors.append(RowError(CellError("unknown_column", {"name": name[:40]})))
        elif column.name in cells:
            errors.append(RowError(CellError("malformed_row", {"reason": "named_twice"}), column))
        else:
            cells[column.name] = value
    pairs = ((column, cells[column.name]) for column in columns if column.name in cells)
    return _row(number, pairs, columns, zone, errors)


def _refuse_unusable(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise file_problem("file_too_large", limit=MAX_BYTES // 2**20)
    if not content.strip():
        raise file_problem("empty_file")
    if content.startswith(_OLE_MAGIC):
        raise file_problem("encrypted" if _ENCRYPTED_PART in content else "old_excel")


# --- what they share -----------------------------------------------------------------------------------------------


def _data_rows(
    raw_rows: Iterator[RawRow], header_number: int, layout: Sequence[Column], zone: ZoneInfo | None
) -> Iterator[Row]:
    for number, cells in raw_rows:
        if number <= header_number:
            continue
        if isinstance(cells, CellError):
            yield Row(number, {}, (RowError(cells),))
        elif not all(is_empty(cell) for cell in cells):
            yield _laid_out(number, cells, layout, zone)


def _laid_out(number: int, cells: Sequence[Any], layout: Sequence[Column], zone: ZoneInfo | None) -> Row:
    errors = []
    if any(not is_empty(cell) for cell in cells[len(layout) :]):
        errors.append(RowError(CellError("too_many_cells")))
    return _row(number, zip(layout, cells, strict=False), layout, zone, errors)


def _header(rows: Iterator[RawRow]) -> tuple[int, Sequence[Any]]:
    for number, cells in islice(rows, ROWS_ABOVE_HEADER):
        if isinstance(cells, CellError):
            raise file_problem("malformed_header")
        if not all(_is_unnamed(cell) for cell in cells):
            return number, cells
    raise file_problem("malformed_header" if next(rows, None) else "empty_file")


def _is_unnamed(cell: Any) -> bool:
    """Whether a cell of the header names nothing: it is empty, holds only what stands between cells, or is covered by another."""
    if isinstance(cell, CellError):
        return cell.code == "merged_cell"
    return is_empty(cell.strip("".join(DELIMITERS)) if isinstance(cell, str) else cell)


def _layout(header: Sequence[Any], columns: Sequence[Column]) -> list[Column]:
    """For each position of the header its column; trailing empty cells are dropped."""
    names = ["" if _is_unnamed(cell) else str(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise file_problem("too_many_columns", limit=MAX_COLUMNS)
    if any(isinstance(cell, CellError) and cell.code != "merged_cell" for cell in header):
        raise file_problem("malformed_header")
    if any(ESCAPED.search(name) for name in names):
        raise file_problem("wrong_encoding")
    by_key = _by_header(columns)
    if unnamed := [str(position) for position, name in enumerate(names, start=1) if not name]:
        raise file_problem("unnamed_column", pointers=unnamed)
    if unknown := [name for name in names if header_key(name) not in by_key]:
        raise file_problem("unknown_column", pointers=unknown)
    layout = [by_key[header_key(name)] for name in names]
    if twice := [name for name, column in zip(names, layout, strict=True) if layout.count(column) > 1]:
        raise file_problem("duplicate_column", pointers=twice)
    if missing := [column.title for column in columns if column.required and column not in layout]:
        raise file_problem("missing_column", pointers=missing)
    return layout


def _by_header(columns: Sequence[Column]) -> dict[str, Column]:
    return {key: column for column in columns for key in column.accepted_headers()}


def _row(
    number: int,
    pairs: Iterable[tuple[Column, Any]],
    expected: Sequence[Column],
    zone: ZoneInfo | None,
    errors: list[RowError],
) -> Row:
    values: dict[str, CellValue] = {}
    wrong: set[str] = set()
    for column, raw in pairs:
        try:
            values[column.name] = _value(column, raw, zone)
        except CellError as error:
            wrong.add(column.name)
            errors.append(RowError(error, column))
    errors.extend(
        RowError(CellError("required"), column)
        for column in expected
        if column.required and column.name not in wrong and values.get(column.name) is None
    )
    if len(errors) > MAX_ERRORS_PER_ROW:
        errors[MAX_ERRORS_PER_ROW - 1 :] = [RowError(CellError("more_errors"))]
    return Row(number, {} if errors else values, tuple(errors), values)


def _value(column: Column, raw: Any, zone: ZoneInfo | None) -> CellValue:
    if isinstance(raw, CellError):
        raise raw
    if is_empty(raw):
        return None
    if column.kind is Kind.DATE:
        return date_of(raw)
    if column.kind is Kind.DATETIME:
        return datetime_of(raw, zone)
    if column.kind is Kind.LIST:
        return _bounded(column, list_of(raw))
    text = text_of(raw, code=column.kind is Kind.CODE)
    if len(text) > column.max_length:
        raise CellError("too_long", {"limit": column.max_length})
    if column.choices:
        by_key = {header_key(written): value for written, value in column.choices.items()}
        if header_key(text) not in by_key:
            raise CellError("not_a_choice", {"choices": ", ".join(column.choices)})
        return by_key[header_key(text)]
    return text


def _bounded(column: Column, texts: tuple[str, ...]) -> tuple[str, ...]:
    if sum(map(len, texts)) > column.max_length:
        raise CellError("too_long", {"limit": column.max_length})
    return texts
