"""Files of questions: GIFT, Aiken, Moodle XML and the tables of trainers, read and written without input or output.

Readers are generators. They hand out, in the order of the file, what they `Found`, `Refused` or `Skipped`; only what makes a whole file
unusable is raised (`Unreadable`), and before anything is handed out. They take as long as the file is.

    read_gift(text), read_aiken(text)    texts: `chassis.tabular.decoded` makes one of a file, whatever its encoding
    read_moodle_xml(content)             bytes, as XML says its encoding itself
    read_table(rows)                     rows with their numbers: `chassis.tabular.sheet_rows` makes them of XLSX and CSV
    write_gift, write_aiken, write_moodle_xml → Written; write_table → Tabulated: the questions, and what the format cannot hold
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assessment.formats.results import (
    Cell,
    Found,
    LeftOut,
    Place,
    Read,
    Refused,
    Skipped,
    Tabulated,
    Unreadable,
    Written,
)
from assessment.questions import Question

__all__ = [
    "Cell",
    "Found",
    "LeftOut",
    "Place",
    "Read",
    "Refused",
    "Skipped",
    "Tabulated",
    "Unreadable",
    "Written",
    "is_heading",
    "read_aiken",
    "read_gift",
    "read_moodle_xml",
    "read_table",
    "template",
    "write_aiken",
    "write_gift",
    "write_moodle_xml",
    "write_table",
]


def read_gift(text: str) -> Iterator[Read]:
    """The questions of a GIFT file."""
    raise NotImplementedError


def read_aiken(text: str) -> Iterator[Read]:
    """The questions of an Aiken file."""
    raise NotImplementedError


def read_moodle_xml(content: bytes) -> Iterator[Read]:
    """The questions of a Moodle XML file, with their pictures."""
    raise NotImplementedError


def read_table(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Read]:
    """The questions of a table; a cell that cannot be read is an exception, as `chassis.tabular` gives it."""
    raise NotImplementedError


def is_heading(text: str) -> bool:
    """Whether a column of the table has this name."""
    raise NotImplementedError


def template() -> list[list[Cell]]:
    """The headings of the table, and one question of each kind to write over."""
    raise NotImplementedError


def write_gift(questions: Iterable[Question]) -> Written:
    """As GIFT."""
    raise NotImplementedError


def write_aiken(questions: Iterable[Question]) -> Written:
    """As Aiken."""
    raise NotImplementedError


def write_moodle_xml(questions: Iterable[Question]) -> Written:
    """As Moodle XML, with the pictures that the questions carry."""
    raise NotImplementedError


def write_table(questions: Iterable[Question]) -> Tabulated:
    """As the table of trainers."""
    raise NotImplementedError
