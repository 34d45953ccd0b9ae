"""From the bytes of a file to the rows that a batch takes: read, normalised, ordered. Pure and slow: it runs in a thread."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chassis.imports.declaration import Import
from chassis.imports.refusals import RowRefused
from chassis.locale import Locale
from chassis.tabular import MAX_BYTES, Row, Table, document_table, media_type_of, open_table
from chassis.tabular.columns import RowError
from chassis.tabular.limits import MAX_ERRORS_PER_ROW
from chassis.tabular.problems import file_problem


class Fault(NamedTuple):
    """What is wrong with a row; `column` is None where that is not one of its columns."""

    code: str
    text: str
    column: str | None


@dataclass
class Line:
    """A row: what was made of it, or why it is refused."""

    number: int
    item: Any = None
    refusals: Sequence[Fault] = ()
    unique: Mapping[str, str] = field(default_factory=dict)
    """What no later row may have too, by column."""


def opened(declared: Import, content: bytes, params: Mapping[str, Any]) -> Table:
    """The file, its header checked. Raises `TABLE_INVALID`."""
    zone = ZoneInfo(params["time_zone"]) if params.get("time_zone") else None
    essence, _ = media_type_of(params.get("media_type"))
    if (reader := declared.documents.get(essence)) is not None:
        if len(content) > MAX_BYTES:
            raise file_problem("file_too_large", limit=MAX_BYTES // 2**20)
        documents = reader(content, zone, datetime.fromisoformat(params["sent_at"]))
        return document_table(documents, declared.columns, rows_hint=content.count(b"\nBEGIN:"), zone=zone)
    return open_table(content, declared.columns, media_type=params.get("media_type"), zone=zone)


def lines_of(declared: Import, content: bytes, params: Mapping[str, Any]) -> Iterator[Line]:
    """The rows in the order in which they are taken: the same each time, so that a job can go on where it stopped."""
    locale: Locale = params["locale"]
    lines = (_line(declared, row, locale) for row in opened(declared, content, params).rows())
    first: dict[tuple[str, str], int] = {}
    for line in _ordered(declared, lines):
        line.refusals = line.refusals or [
            refusal(declared, RowRefused("duplicate_in_file", first=first[key], field=key[0]), locale)
            for key in line.unique.items()
            if key in first
        ]
        if not line.refusals:
            first.update((key, line.number) for key in line.unique.items())
        yield line


def normalised(declared: Import, cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[RowRefused]]:
    """A row's cells as they are stored, and what is wrong with those that cannot be."""
    values = dict(cells)
    wrong: list[RowRefused] = []
    for name, normal in declared.normal.items():
        if (written := values.get(name)) is not None:
            try:
                values[name] = normal(str(written))
            except ValueError:
                wrong.append(RowRefused(declared.invalid_code(name), value=str(written)[:60]))
    for column in declared.columns:
        if column.empty != "clears" and column.name in values and values[column.name] is None:
            if column.empty == "refused":
                wrong.append(RowRefused("not_clearable", field=column.name))
            del values[column.name]
    return values, wrong


def refusal(declared: Import, refused: RowRefused, locale: Locale) -> Fault:
    """A refused row's code, text and column."""
    text = declared.text(refused.code, locale, refused.values)
    return Fault(refused.code, text, declared.column_of(refused.code, refused.values))


def _line(declared: Import, row: Row, locale: Locale) -> Line:
    seen = {error.column.name for error in row.errors if error.column is not None}
    cells = {name: value for name, value in row.legible.items() if name not in seen} if row.errors else row.values
    values, wrong = normalised(declared, cells)
    if row.errors or wrong:
        faults = [_fault(declared, error, locale) for error in row.errors]
        faults += [refusal(declared, refused, locale) for refused in wrong]
        return Line(row.number, refusals=faults[:MAX_ERRORS_PER_ROW])
    try:
        item = declared.prepare(values) if declared.prepare else values
    except RowRefused as refused:
        return Line(row.number, refusals=[refusal(declared, refused, locale)])
    unique = {name: compared(values[name]) for name, compared in declared.unique.items() if values.get(name)}
    return Line(row.number, item, unique=unique)


def _fault(declared: Import, error: RowError, locale: Locale) -> Fault:
    if error.column is None and error.code in declared.errors:
        return refusal(declared, RowRefused(error.code, **error.error.values), locale)
    return Fault(error.code, error.text(locale), error.column.name if error.column else None)


def _ordered(declared: Import, lines: Iterable[Line]) -> Iterable[Line]:
    if declared.order is None:
        return lines
    every = list(lines)
    good = {id(line.item): line for line in every if not line.refusals}
    ordered = declared.order([line.item for line in good.values()])
    return [*(line for line in every if line.refusals), *(good[id(item)] for item in ordered)]
