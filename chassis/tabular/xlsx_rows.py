"""The rows of a workbook's sheet.

A cell that holds nothing clears what it stands for, so nothing else may look like one: what a merged cell covers, a formula whose
result was never stored and a damaged cell are errors of their row.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl.utils.datetime import from_excel

from chassis.tabular.archives import not_xlsx, open_archive
from chassis.tabular.cells import CellError
from chassis.tabular.limits import MAX_COLUMNS, Meter
from chassis.tabular.problems import file_problem
from chassis.tabular.workbooks import TextCollector, Workbook, open_workbook, unescaped
from chassis.tabular.xml_events import Attributes, consume, parse

MAX_CELLS = 5_000_000
_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
_MAX_MERGED = 200_000

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})\Z")
_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?\Z", re.ASCII)


@dataclass(frozen=True)
class XlsxFile:
    """A workbook that was looked through once: whatever is damaged in its structure has been found."""

    workbook: Workbook
    merged: "_Merged"
    last_row: int

    def rows(self, meter: Meter, width: int) -> Iterator[tuple[int, list[Any]]]:
        """Each row that is there, with its number, at least `width` wide."""
        sheet = _Sheet(self.workbook, self.merged, width)
        for _ in parse(self.workbook.sheet_chunks(), meter, start=sheet.start, end=sheet.end, text=sheet.text):
            yield from sheet.rows
            sheet.rows.clear()


def open_xlsx(content: bytes, meter: Meter) -> XlsxFile:
    """Raises `TABLE_INVALID` for what cannot be read or is too much."""
    workbook = open_workbook(open_archive(content), meter)
    survey = _Survey()
    consume(parse(workbook.sheet_chunks(), meter, start=survey.start))
    return XlsxFile(workbook, _Merged.of(survey.merged), survey.position.row)


# --- where things are ----------------------------------------------------------------------------------------------


@dataclass
class _Position:
    """The row and column under way; both may only grow, as in every file that a spreadsheet wrote."""

    row: int = 0
    column: int = 0

    def next_row(self, attributes: Attributes) -> None:
        written = attributes.get("r")
        if written is None:
            row = self.row + 1
        elif written.isdecimal() and len(written) <= 7:
            row = int(written)
        else:
            raise not_xlsx(f"it has a row {written[:20]}")
        if not self.row < row <= _LAST_ROW:
            raise not_xlsx(f"its row {row} is out of place")
        self.row, self.column = row, 0

    def next_cell(self, attributes: Attributes) -> None:
        written = attributes.get("r")
        column = self.column + 1 if written is None else _coordinates(written)[1]
        if not self.column < column <= _LAST_COLUMN:
            raise not_xlsx(f"its cell {(written or '')[:20]} is out of place")
        self.column = column


def _coordinates(reference: str) -> tuple[int, int]:
    """Row and column, from 1."""
    found = _REFERENCE.match(reference)
    if found is None:
        raise not_xlsx(f"it has a cell {reference[:20]}")
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found.group(2)), column


@dataclass
class _Survey:
    """A first pass: the size, whether the sheet is sound, and the merged cells, which are listed after all rows."""

    position: _Position = field(default_factory=_Position)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    _cells: int = 0
    _merged_columns: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self.position.next_cell(attributes)
            self._cells += 1
            if self._cells > MAX_CELLS:
                raise file_problem("too_many_cells", limit=MAX_CELLS)
        elif name == "row":
            self.position.next_row(attributes)
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            merged = (*_coordinates(first), *_coordinates(last or first))
            self.merged.append(merged)
            self._merged_columns += max(1, min(merged[3], MAX_COLUMNS) - merged[1] + 1)
            if self._merged_columns > _MAX_MERGED:
                raise not_xlsx("it has too many merged cells")


@dataclass(frozen=True)
class _Merged:
    """Which cells are covered by merged ones, by column as ranges of rows that do not overlap."""

    first_rows: dict[int, list[int]]
    last_rows: dict[int, list[int]]
    corners: frozenset[tuple[int, int]]
    """Where the text of merged cells stands."""

    @classmethod
    def of(cls, ranges: list[tuple[int, int, int, int]]) -> "_Merged":
        by_column: dict[int, list[tuple[int, int]]] = {}
        for first_row, first_column, last_row, last_column in ranges:
            for column in range(first_column, min(last_column, MAX_COLUMNS) + 1):
                by_column.setdefault(column, []).append((first_row, last_row))
        firsts: dict[int, list[int]] = {}
        lasts: dict[int, list[int]] = {}
        for column, covered in by_column.items():
            for first_row, last_row in sorted(covered):
                if lasts.get(column) and first_row <= lasts[column][-1]:
                    lasts[column][-1] = max(lasts[column][-1], last_row)
                else:
                    firsts.setdefault(column, []).append(first_row)
                    lasts.setdefault(column, []).append(last_row)
        return cls(firsts, lasts, frozenset((row, column) for row, column, _, _ in ranges))

    def covers(self, row: int, column: int) -> bool:
        """Whether this cell is part of merged ones and not the one that is shown."""
        if column not in self.first_rows or (row, column) in self.corners:
            return False
        before = bisect_right(self.first_rows[column], row) - 1
        return before >= 0 and row <= self.last_rows[column][before]


# --- cells ---------------------------------------------------------------------------------------------------------


class _Sheet:
    """Makes rows of what the parser meets; whoever runs it takes them from `rows`."""

    def __init__(self, workbook: Workbook, merged: _Merged, width: int) -> None:
        self.rows: list[tuple[int, list[Any]]] = []
        self._workbook = workbook
        self._merged = merged
        self._width = width
        self._position = _Position()
        self._cells: list[Any] = []
        self._beyond = False
        self._attributes: Attributes = {}
        self._value = TextCollector()
        self._in_value = False
        self._has_formula = False
        self._inline = TextCollector()
        self._in_inline = False

    def start(self, name: str, attributes: Attributes) -> None:
        if self._in_inline:
            self._inline.start(name)
        elif name == "c":
            self._position.next_cell(attributes)
            self._attributes = attributes
            self._has_formula = False
        elif name == "v":
            self._in_value = True
        elif name == "f":
            self._has_formula = True
        elif name == "is":
            self._in_inline = True
        elif name == "row":
            self._position.next_row(attributes)
            self._cells, self._beyond = [], False

    def text(self, data: str) -> None:
        if self._in_value:
            self._value.add(data)
        elif self._in_inline:
            self._inline.text(data)

    def end(self, name: str) -> None:
        if name == "is":
            self._in_inline = False
        elif self._in_inline:
            self._inline.end(name)
        elif name == "v":
            self._in_value = False
        elif name == "c":
            self._keep(self._cell())
        elif name == "row":
            self._end_row()

    def _keep(self, value: Any) -> None:
        column = self._position.column
        if value is None:
            return
        if column > MAX_COLUMNS:
            self._beyond = True
            return
        self._cells.extend([None] * (column - len(self._cells)))
        self._cells[column - 1] = value

    def _end_row(self) -> None:
        row = self._position.row
        cells = self._cells
        cells.extend([None] * (self._width - len(cells)))
        if self._merged.first_rows:
            for column in range(1, len(cells) + 1):
                if self._merged.covers(row, column):
                    cells[column - 1] = CellError("merged_cell")
        if self._beyond:
            cells.extend([None] * (MAX_COLUMNS - len(cells)))
            cells.append(CellError("too_many_cells"))
        self.rows.append((row, cells))

    def _cell(self) -> Any:
        kind = self._attributes.get("t", "n")
        if kind == "inlineStr":
            return self._inline.taken()
        written = self._value.raw()
        if not written:
            return CellError("formula_without_result") if self._has_formula else None
        try:
            return self._typed(kind, written)
        except (ValueError, OverflowError, LookupError):
            return CellError("broken_cell")

    def _typed(self, kind: str, written: str) -> Any:
        if kind == "s":
            if not written.strip().isdecimal() or len(written) > 9:
                raise ValueError(written)
            return self._workbook.texts[int(written)]
        if kind == "str":
            return unescaped(written)
        if kind == "n":
            return self._number(written.strip())
        if kind == "b":
            return {"1": True, "true": True, "0": False, "false": False}[written.strip()]
        if kind == "d":
            return datetime.fromisoformat(written.strip())
        if kind == "e":
            return CellError("cell_error", {"value": written[:20]})
        raise ValueError(kind)

    def _number(self, written: str) -> Any:
        if not _NUMBER.match(written):
            raise ValueError(written)
        number = float(written) if any(sign in written for sign in ".eE") else int(written)
        style = self._attributes.get("s", "0")
        if not style.isdecimal() or len(style) > 9 or int(style) not in self._workbook.date_styles:
            return number
        try:
            return from_excel(number, self._workbook.epoch)
        except (ValueError, OverflowError):
            return CellError("cell_error", {"value": written[:20]})
