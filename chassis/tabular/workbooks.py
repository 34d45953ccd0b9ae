"""What of a workbook stands outside its sheets: which sheet is meant, shared texts, and which styles are those of dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from chassis.problems import Problem
from chassis.tabular.archives import Archive, not_xlsx, resolved
from chassis.tabular.limits import Meter
from chassis.tabular.problems import file_problem
from chassis.tabular.xml_events import Attributes, consume, parse

MAX_TEXTS = 500_000
MAX_TEXT_CHARACTERS = 32 * 1024 * 1024
LONGEST_TEXT = 32_767
"""The most that a spreadsheet lets a cell hold, in characters."""
_MAX_STYLES = 100_000

# Formats that each language of Excel has for itself; in Chinese all of them are dates and times, and no file spells them out.
_DATES_BY_LANGUAGE = frozenset((*range(27, 37), *range(50, 59)))
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Workbook:
    """Where to find the sheet that is read, and what its cells refer to."""

    archive: Archive
    sheet: str
    epoch: datetime
    date_styles: frozenset[int]
    texts: Sequence[str]

    def sheet_chunks(self) -> Iterator[bytes]:
        """The XML of the sheet."""
        return self.archive.chunks(self.sheet)


def open_workbook(archive: Archive, meter: Meter) -> Workbook:
    """The workbook with its first visible sheet. Raises `TABLE_INVALID`."""
    main = _main_part(archive, meter)
    folder = main.rpartition("/")[0]
    relations = _relations(archive, f"{folder}/_rels/{main.rpartition('/')[2]}.rels", meter)
    found = _Contents()
    consume(parse(archive.chunks(main), meter, start=found.start))
    sheets = [sheet for sheet in found.sheets if relations.get(sheet[0], ("", ""))[0] == "worksheet"]
    if not sheets:
        raise not_xlsx("it has no sheet")
    visible = next((identity for identity, state in sheets if state == "visible"), None)
    if visible is None:
        raise file_problem("no_visible_sheet")
    parts = {kind: resolved(target, folder) for kind, target in relations.values() if kind != "worksheet"}
    return Workbook(
        archive,
        sheet=resolved(relations[visible][1], folder),
        epoch=MAC_EPOCH if found.from_1904 else WINDOWS_EPOCH,
        date_styles=_date_styles(archive, parts.get("styles"), meter),
        texts=_shared_texts(archive, parts.get("sharedStrings"), meter),
    )


def unescaped(text: str) -> str:
    """A text of a workbook without the `_x000D_` by which characters are written that XML cannot carry."""
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)
    # Halves of one character may have been escaped one by one.
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


# --- which part is what --------------------------------------------------------------------------------------------


@dataclass
class _Contents:
    sheets: list[tuple[str, str]] = field(default_factory=list)
    """Relation and state, in the order of the tabs."""
    from_1904: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("id", ""), attributes.get("state", "visible")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true"}


def _main_part(archive: Archive, meter: Meter) -> str:
    if archive.has("_rels/.rels"):
        for kind, target in _relations(archive, "_rels/.rels", meter).values():
            if kind == "officeDocument" and target.lower().endswith(".xml"):
                return resolved(target, "")
    if archive.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise not_xlsx("it is another kind of file")


def _relations(archive: Archive, path: str, meter: Meter) -> dict[str, tuple[str, str]]:
    """By its id, of what kind a relation is and where it points."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    consume(parse(archive.chunks(path), meter, start=start))
    return found


# --- shared texts --------------------------------------------------------------------------------------------------


@dataclass
class TextCollector:
    """Puts a text together from its runs, leaving out how it is pronounced."""

    parts: list[str] = field(default_factory=list)
    characters: int = 0
    _in_text: bool = False
    _phonetic: int = 0

    def start(self, name: str) -> None:
        if name == "t":
            self._in_text = self._phonetic == 0
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._phonetic -= 1

    def text(self, data: str) -> None:
        if self._in_text:
            self.add(data)

    def add(self, data: str) -> None:
        """One more piece."""
        self.characters += len(data)
        if self.characters > LONGEST_TEXT:
            raise not_xlsx("a cell holds more text than a spreadsheet lets it")
        self.parts.append(data)

    def raw(self) -> str:
        """The text as it is written, after which the next begins."""
        text = "".join(self.parts)
        self.parts.clear()
        self.characters = 0
        return text

    def taken(self) -> str:
        """The text that is meant, after which the next begins."""
        return unescaped(self.raw())


def _shared_texts(archive: Archive, path: str | None, meter: Meter) -> Sequence[str]:
    if path is None or not archive.has(path):
        return ()
    texts: list[str] = []
    collector = TextCollector()
    total = 0

    def start(name: str, _attributes: Attributes) -> None:
        collector.start(name)

    def end(name: str) -> None:
        nonlocal total
        if name != "si":
            collector.end(name)
            return
        text = collector.taken()
        total += len(text)
        if len(texts) >= MAX_TEXTS or total > MAX_TEXT_CHARACTERS:
            raise file_problem("too_many_texts")
        texts.append(text)

    consume(parse(archive.chunks(path), meter, start=start, end=end, text=collector.text))
    return texts


# --- styles --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _is_date(number: int, code: str | None) -> bool:
    if code is None and number in _DATES_BY_LANGUAGE:
        return True
    return bool(is_date_format(code if code is not None else BUILTIN_FORMATS.get(number)))


def _date_styles(archive: Archive, path: str | None, meter: Meter) -> frozenset[int]:
    """The positions of the cell styles that show a number as a date or time."""
    if path is None or not archive.has(path):
        return frozenset()
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[_number(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            formats.append(_number(attributes.get("numFmtId", "0")))
        if len(formats) > _MAX_STYLES or len(codes) > _MAX_STYLES:
            raise not_xlsx("it has too many styles")

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    consume(parse(archive.chunks(path), meter, start=start, end=end))
    return frozenset(position for position, number in enumerate(formats) if _is_date(number, codes.get(number)))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise _not_a_number()
    return int(text)


def _not_a_number() -> Problem:
    return not_xlsx("its styles are damaged")
