"""CSV as rows of cells, however people's programs write it.

A quotation mark that nobody closed swallows everything after it, up to the next one or to the end of the file. So a row that
runs over several lines is looked at twice: where it never ends, or where the lines it swallowed are rows themselves, the first line
alone is bad, and reading goes on with the second.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from chassis.tabular.cells import CellError, is_empty
from chassis.tabular.limits import MAX_BAD_ROWS, MAX_COLUMNS, MAX_LINE_CHARACTERS, Meter
from chassis.tabular.problems import file_problem

Cells = Sequence[str] | CellError

DELIMITERS = (",", ";", "\t", "|")
ROWS_ABOVE_HEADER = 1000
_READ_AGAIN = 100_000_000
# What spreadsheets write into the first line for one another, and never show.
_SEP_LINE = re.compile('"?sep=([,;\t|])"?[\r\n]*\\Z', re.IGNORECASE)


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose encoding and delimiter are settled."""

    content: bytes
    encoding: str
    delimiter: str
    has_sep_line: bool

    def rows(self, meter: Meter, is_row: Callable[[Sequence[str]], bool]) -> Iterator[tuple[int, Cells]]:
        """Each row with the number that a spreadsheet shows, including empty rows. `is_row` says what is a row."""
        lines = _Lines(_open(self.content, self.encoding), skip=1 if self.has_sep_line else 0)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = read_again = 0
        while True:
            lines.taken.clear()
            number += 1
            try:
                cells: Cells = next(reader)
            except StopIteration:
                return
            except _RowTooLong:
                cells = CellError("malformed_row", {"reason": "too_long"})
            except csv.Error:
                cells = CellError(
                    "malformed_row", {"reason": "unclosed_quote" if len(lines.taken) > 1 else "stray_quote"}
                )
            if len(lines.taken) > 1 and (isinstance(cells, CellError) or self._swallowed(lines.taken[1:], is_row)):
                cells = CellError("malformed_row", {"reason": "unclosed_quote"})
                read_again += lines.give_back(lines.taken[1:])
                meter.check()
                if read_again > _READ_AGAIN:
                    raise file_problem("too_many_errors", limit=MAX_BAD_ROWS)
            yield number, cells

    def _swallowed(self, lines: Sequence[str], is_row: Callable[[Sequence[str]], bool]) -> bool:
        """Whether what a quoted cell runs over would be rows without the quotation mark."""
        return all(is_row(self._plain_cells(line)) for line in lines)

    def _plain_cells(self, line: str) -> list[str]:
        return [cell.strip('"') for cell in line.rstrip("\r\n").split(self.delimiter)]


def open_csv(content: bytes, encoding: str, *, knows: Callable[[str], bool]) -> CsvFile:
    """Settle the delimiter: what a `sep=` line says, else what gives the header the most columns that are known."""
    try:
        found = _SEP_LINE.match(next(_Lines(_open(content, encoding)), ""))
    except _RowTooLong:
        found = None
    if found:
        return CsvFile(content, encoding, found.group(1), has_sep_line=True)

    def fit(delimiter: str) -> tuple[int, int]:
        header = _header(content, encoding, delimiter)
        return sum(map(knows, header)), len(header)

    return CsvFile(content, encoding, max(DELIMITERS, key=fit), has_sep_line=False)


def _header(content: bytes, encoding: str, delimiter: str) -> list[str]:
    try:
        reader = csv.reader(_Lines(_open(content, encoding)), delimiter=delimiter, strict=True)
        for cells in islice(reader, ROWS_ABOVE_HEADER):
            if not all(is_empty(cell.strip("".join(DELIMITERS))) for cell in cells):
                return cells[: MAX_COLUMNS + 1]
    except (csv.Error, _RowTooLong):
        pass
    return []


def _open(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="surrogateescape", newline="")


class _RowTooLong(Exception):
    pass


@dataclass
class _Lines:
    """The lines of a file, of which those taken last can be given back."""

    text: io.TextIOWrapper
    skip: int = 0
    taken: list[str] = field(default_factory=list)
    _again: deque[str] = field(default_factory=deque)
    _characters: int = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self.skip:
            self.skip -= 1
            self._read()
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._characters = len(line) + (self._characters if len(self.taken) > 1 else 0)
        if self._characters > MAX_LINE_CHARACTERS:
            raise _RowTooLong
        return line

    def give_back(self, lines: Sequence[str]) -> int:
        """Have these lines come again, next; how many characters they are."""
        self._again.extendleft(reversed(lines))
        return sum(map(len, lines))

    def _read(self) -> str:
        line = self.text.readline(MAX_LINE_CHARACTERS + 1)
        if len(line) <= MAX_LINE_CHARACTERS:
            return line
        while line and not line.endswith(("\r", "\n")):
            line = self.text.readline(MAX_LINE_CHARACTERS)
        raise _RowTooLong
