"""Files of questions: GIFT, Aiken, Moodle XML and the tables of trainers, read and written without input or output.

Readers are generators. They hand out, in the order of the file, what they `Found`, `Refused` or `Skipped`; only what makes a whole file
unusable is raised (`Unreadable`), and before anything is handed out. They take as long as the file is.

    read_gift(text), read_aiken(text)    texts: `chassis.tabular.decoded` makes one of a file, whatever its encoding
    read_moodle_xml(content)             bytes, as XML says its encoding itself
    read_table(rows)                     rows with their numbers: `chassis.tabular.sheet_rows` makes them of XLSX and CSV
    write_gift, write_aiken, write_moodle_xml → Written; write_table → Tabulated: the questions, and what the format cannot hold
"""

from assessment.formats.aiken import read_aiken, write_aiken
from assessment.formats.gift_reading import read_gift
from assessment.formats.gift_writing import write_gift
from assessment.formats.moodle_reading import read_moodle_xml
from assessment.formats.moodle_writing import write_moodle_xml
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
from assessment.formats.table_headings import is_heading
from assessment.formats.table_reading import read_table
from assessment.formats.table_writing import template, write_table

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
