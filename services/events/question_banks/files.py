"""From a file to the questions of a bank. Pure and slow: it runs in a thread."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

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
from assessment.formats.wordings import LEFT_OUT
from assessment.questions import Question
from chassis.budget import check
from chassis.locale import Locale
from chassis.tabular import XLSX_TYPE, media_type_of
from chassis.tabular.encodings import decoded
from chassis.tabular.readers import sheet_rows
from services.events.question_banks.rules import digest, file_digest, renamed

Format = Literal["gift", "aiken", "moodle_xml", "table"]

_TEXT: Final = ("text/plain", "application/octet-stream")
ACCEPTED: Final[dict[Format, tuple[str, ...]]] = {
    "gift": _TEXT,
    "aiken": _TEXT,
    "moodle_xml": ("application/xml", "text/xml", "application/octet-stream"),
    "table": (XLSX_TYPE, "text/csv", "application/csv", "application/vnd.ms-excel", "application/octet-stream"),
}
"""By format, as what its files are sent."""

PICTURES: Final = (
    "It carries pictures, which an import does not keep: send them for questions, and write the question by hand.",
    "该题含有图片，导入时不保存图片：请先上传图片，再手工录入该题。",
)


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
            return read_table(sheet_rows(content, knows=is_heading, media_type=media_type))


def items_of(content: bytes, form: Format, media_type: str | None, locale: Locale) -> list[Item]:
    """All of a file in its order, ready to be kept: the same each time."""
    found: list[Item] = []
    numbers: set[str] = set()
    for one in read(content, form, media_type):
        check()
        item = _item(one, locale)
        if item.number in numbers:
            said = LEFT_OUT["id_number"][locale == "zh-CN"]
            note = Note(item.row, "left_out", f"{item.said}{'：' if locale == 'zh-CN' else ': '}{said}")
            item = replace(item, number="", notes=(*item.notes, note))
        elif item.number:
            numbers.add(item.number)
        found.append(item)
    return found


def _item(one: Read, locale: Locale) -> Item:
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
    if one.question.pictures:
        return Item(row, (note("pictures", *PICTURES),), refused=True)
    notes = tuple(note("left_out", *LEFT_OUT[code]) for code in one.left_out)
    question = renamed(replace(one.question, id_number=""))
    return Item(
        row,
        notes,
        question,
        digest(one.question),
        said=where,
        number=one.question.id_number,
        file_digest=file_digest(question),
    )
