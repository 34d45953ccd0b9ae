"""What a table may hold: columns with Chinese and English headers, and the rows read from it."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Literal, TypeVar

from chassis.locale import Locale
from chassis.tabular.cells import CellError, CellValue
from chassis.tabular.problems import row_error_text

Item = TypeVar("Item")

_LONGEST_HEADER = 500


class Kind(StrEnum):
    """How the cells of a column are read.

    `code` is text that a spreadsheet must not have touched, such as an employee number: only text cells are accepted, since a
    number cell may have lost leading zeros before we saw it, and `1.23E+10` is refused. `text` accepts number cells too, as
    the spreadsheet shows them. `list` is several texts: a list in JSON, else a text with commas between them.
    """

    TEXT = "text"
    CODE = "code"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"


@dataclass(frozen=True)
class Column:
    """One declared column. `headers[0]` is the Chinese header, `headers[1]` the English one; more are synonyms.

    `required`: the column must be there and no cell of it may be empty. `choices` maps what people write (compared without case)
    to the value it means. Lengths are in characters.
    """

    name: str
    headers: tuple[str, ...]
    kind: Kind = Kind.TEXT
    required: bool = False
    max_length: int = 200
    choices: Mapping[str, str] = field(default_factory=dict)
    example: str = ""
    empty: Literal["clears", "refused", "ignored"] = "clears"
    """What an empty cell says, where there are things to clear (`chassis.imports`)."""

    @property
    def title(self) -> str:
        """The header of the template: both languages in one cell."""
        return " ".join(dict.fromkeys(self.headers[:2]))

    def label(self, locale: Locale) -> str:
        """How messages name the column."""
        return self.headers[0] if locale == "zh-CN" else self.headers[min(1, len(self.headers) - 1)]

    def accepted_headers(self) -> set[str]:
        """Every header that means this column, normalised."""
        return {header_key(text) for text in (*self.headers, self.name, self.title)}


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row; `column` is None where it concerns the whole row."""

    error: CellError
    column: Column | None = None

    @property
    def code(self) -> str:
        return self.error.code

    def text(self, locale: Locale) -> str:
        """One sentence for the person who uploaded the file."""
        label = self.column.label(locale) if self.column else ""
        return row_error_text(self.error.code, locale, **{"column": label} | self.error.values)


@dataclass(frozen=True)
class Row:
    """One row. `number` is the one a spreadsheet shows (the header is row 1); for NDJSON it is the line.

    `values` has a key for each column the file has: a missing column changes nothing, an empty cell is None and clears.
    A row with errors has no usable values; what else there is to say of its other cells is seen in `legible`.
    """

    number: int
    values: dict[str, CellValue]
    errors: tuple[RowError, ...] = ()
    legible: Mapping[str, CellValue] = field(default_factory=dict)


def header_key(text: str) -> str:
    """A header for comparison: width, case, space, hyphens and underscores do not matter, nor does a trailing asterisk."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST_HEADER]).casefold().rstrip("* ")
    return "".join(character for character in folded if not (character.isspace() or character in "_-\ufeff"))


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of up to `size` of them, in order."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
