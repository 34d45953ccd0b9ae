"""From a file to the questions of a bank. Pure and slow: it runs in a thread."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import chain
from typing import Any, Final, Literal
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from assessment.documents import document_of
from assessment.formats import (
    Read,
    Refused,
    Skipped,
    is_heading,
    read_aiken,
    read_gift,
    read_moodle_xml,
    read_table,
)
from assessment.formats.results import Place, skipped
from assessment.formats.wordings import LEFT_OUT
from assessment.limits import CODES, wrongs
from assessment.questions import Picture, Question
from chassis.budget import check
from chassis.locale import Locale
from chassis.tabular import XLSX_TYPE, media_type_of
from chassis.tabular.encodings import decoded
from chassis.tabular.readers import sheet_rows
from services.events.question_banks.rules import carried, digest, file_digest, renamed

Format = Literal["gift", "aiken", "moodle_xml", "table"]

_TEXT: Final = ("text/plain", "application/octet-stream")
ACCEPTED: Final[dict[Format, tuple[str, ...]]] = {
    "gift": _TEXT,
    "aiken": _TEXT,
    "moodle_xml": ("application/xml", "text/xml", "application/octet-stream"),
    "table": (XLSX_TYPE, "text/csv", "application/csv", "application/vnd.ms-excel", "application/octet-stream"),
}
"""By format, as what its files are sent."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that whoever sent the file is told: `row` is the line or row, else which question it is."""

    row: int
    code: str
    text: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a file: a question with what it is known by, or none, and why. `refused`: it was meant to be one.

    `number`: its id number, of which a file has each once; `said`: how it is shown, `line 3`; `file_digest`: of all that the file says of it.
    """

    row: int
    notes: tuple[Note, ...]
    question: Question | None = None
    digest: str = ""
    refused: bool = False
    said: str = ""
    number: str = ""
    file_digest: str = ""
    pictures: Mapping[UUID, Picture] = field(default_factory=dict)
    """Those that it shows and that came with it, by the files that they become."""

    def document(self) -> dict[str, Any]:
        """The question as a version keeps it."""
        if self.question is None:
            raise TypeError("only questions are kept")
        return document_of(self.question)


def read(content: bytes, form: Format, media_type: str | None) -> Iterator[Read]:
    """What stands in a file. Raises `Unreadable` or `TABLE_INVALID` where it is no such file, before anything is handed out."""
    match form:
        case "gift":
            return read_gift(decoded(content, media_type_of(media_type)[1]))
        case "aiken":
            return read_aiken(decoded(content, media_type_of(media_type)[1]))
        case "moodle_xml":
            return read_moodle_xml(content)
        case "table":
            return chain(read_table(sheet_rows(content, knows=is_heading, media_type=media_type)), _in_cells(content))


def _in_cells(content: bytes) -> Iterator[Read]:
    """Pictures of a workbook lie over its cells, and belong to none."""
    with suppress(BadZipFile), ZipFile(BytesIO(content)) as file:
        if any(name.startswith("xl/media/") for name in file.namelist()):
            yield skipped(Place(), "pictures")


def items_of(content: bytes, form: Format, media_type: str | None, locale: Locale, bank_id: UUID) -> list[Item]:
    """All of a file in its order, ready to be kept: the same each time."""
    found: list[Item] = []
    numbers: set[str] = set()
    for one in read(content, form, media_type):
        check()
        item = _item(one, locale, bank_id)
        if item.number in numbers:
            said = LEFT_OUT["id_number"][locale == "zh-CN"]
            note = Note(item.row, "left_out", f"{item.said}{'：' if locale == 'zh-CN' else ': '}{said}")
            item = replace(item, number="", notes=(*item.notes, note))
        elif item.number:
            numbers.add(item.number)
        found.append(item)
    return found


def _item(one: Read, locale: Locale, bank_id: UUID) -> Item:
    chinese = locale == "zh-CN"
    place, where = one.place, one.place.zh if chinese else one.place.en
    row = place.row or place.line or place.number

    def note(code: str, en: str, zh: str, column: str | None = None) -> Note:
        return Note(row, code, f"{where}：{zh}" if chinese else f"{where}: {en}", column)

    if isinstance(one, Refused):
        return Item(
            row, (note(one.code, one.en, one.zh, one.pointer.split("/")[1] if one.pointer else None),), refused=True
        )
    if isinstance(one, Skipped):
        return Item(row, (note("skipped", f"{one.name}: {one.en}", f"{one.name}：{one.zh}"),))
    shown, pictures = carried(renamed(replace(one.question, id_number="")), bank_id)
    for wrong in wrongs(shown) if pictures else ():
        return Item(row, (note(wrong.code, *CODES[wrong.code], wrong.pointer.split("/")[1]),), refused=True)
    codes = dict.fromkeys((*one.left_out, *(["pictures"] if len(pictures) < len(one.question.pictures) else [])))
    notes = tuple(note("left_out", *LEFT_OUT[code]) for code in codes)
    return Item(
        row,
        notes,
        shown,
        digest(shown),
        said=where,
        number=one.question.id_number,
        file_digest=file_digest(shown),
        pictures=pictures,
    )
