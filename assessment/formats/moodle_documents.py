"""Moodle XML as one tree for each question, in one pass, without what XML can do beyond carrying data.

No document type, no entities, nothing from outside; depth, pieces and sizes are bounded. Where the XML is damaged, reading goes on with
the next question: what one question breaks, others do not pay for.
"""

import codecs
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from assessment.formats.results import MOST_BYTES, Unreadable

DEEPEST: Final = 16
MOST_ELEMENTS: Final = 5_000
"""Of one question."""
MOST_CHARACTERS: Final = 12 * 1024 * 1024
"""Of one question, with its pictures."""
MOST_DAMAGES: Final = 100
_LARGEST_PIECE: Final = 1024 * 1024
_CHUNK: Final = 1 << 16
_ROOT: Final = b"<quiz>"
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_CONTROL: Final = bytes(one for one in range(32) if one not in (9, 10, 13))
_READ: Final = {
    **dict.fromkeys(("utf-8", "ascii"), "utf-8"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
    **{
        one: one
        for one in ("big5", "big5hkscs", "utf-16", "iso8859-1", "iso8859-15", "cp1252", "cp1251", "shift_jis", "euc_kr")
    },
}


@dataclass(slots=True)
class Element:
    """An element with what is in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    too_big: bool = False

    def child(self, name: str) -> "Element | None":
        """The first child of this name."""
        return next((one for one in self.children if one.name == name), None)

    def all(self, name: str) -> list["Element"]:
        """The children of this name."""
        return [one for one in self.children if one.name == name]

    def own(self) -> str:
        """Its own text."""
        return "".join(self.texts).strip()

    def said(self, name: str) -> str:
        """The text of the first child of this name, or of the `text` in it."""
        found = self.child(name)
        return found.text() if found else ""

    def text(self) -> str:
        """Its text, or that of its `text`."""
        inside = self.child("text")
        return inside.own() if inside else self.own()


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the XML is broken; with `too_many` nothing after it is read."""

    line: int
    said: str
    too_many: bool


def children_of(content: bytes) -> Iterator[Element | Damage]:
    """What stands in `<quiz>`. Raises `Unreadable` for what is no such file."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", limit=MOST_BYTES // 2**20)
    content = _as_utf8(content).translate(None, _CONTROL).lstrip()
    builder = _Builder()
    start, line, damages = 0, 1, 0
    while True:
        builder.begin(line, again=start > 0)
        broken = yield from _run(builder, content, start)
        if broken is None:
            return
        place, said = broken
        if builder.root is None:
            raise Unreadable("not_xml")
        damages += 1
        after = content.find(b"<question", place)
        yield Damage(line + content.count(b"\n", start, place), said, damages >= MOST_DAMAGES)
        if after < 0 or damages >= MOST_DAMAGES:
            return
        line += content.count(b"\n", start, after)
        start = after


def _run(builder: "_Builder", content: bytes, start: int) -> Generator[Element, None, tuple[int, str] | None]:
    """Parse from here on; returns where and how it broke, or None."""
    parser = builder.parser
    before = len(_ROOT) if start else 0
    try:
        if before:
            parser.Parse(_ROOT, False)
        for place in range(start, len(content), _CHUNK):
            chunk = content[place : place + _CHUNK]
            parser.Parse(chunk, False)
            yield from builder.taken()
            at = start - before + max(0, parser.CurrentByteIndex)
            if place + len(chunk) - at > _LARGEST_PIECE:
                return at + 1, "a piece of it is too large"
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from builder.taken()
        if builder.closed:
            return None  # what stands after the end says nothing
        at = start - before + max(0, parser.ErrorByteIndex)
        return max(at, start + 1), expat.ErrorString(error.code)
    yield from builder.taken()
    return None


def _as_utf8(content: bytes) -> bytes:
    """The file in UTF-8, by its mark or by what it says itself. Bytes that do not fit become the sign for that."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    elif content.startswith(codecs.BOM_UTF8):
        content, name = content[3:], "utf-8"
    else:
        found = _ENCODING.match(content.lstrip()[:300])
        said = found.group(1).decode("ascii", "replace") if found else "utf-8"
        try:
            name = _READ[codecs.lookup(said).name]
        except LookupError:
            raise Unreadable("unknown_encoding", said=said) from None
    return content.decode(name, "replace").encode("utf-8", "replace")


class _Builder:
    """Makes elements of what the parser meets."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.closed = False
        self._finished: list[Element] = []

    def begin(self, line: int, *, again: bool) -> None:
        """Start with a new parser; `line` is where it starts in the file."""
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = _CHUNK
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = _refuse_dtd
        self._line = line - 1
        self._open: list[Element] = []
        self._depth = 0
        self._elements = self._characters = 0
        if again:
            self.closed = False

    def taken(self) -> list[Element]:
        """What has been finished since the last time."""
        finished, self._finished = self._finished, []
        return finished

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            if self.root is None and name != "quiz":
                raise Unreadable("not_xml")
            self.root = name
            return
        if self._depth == 2:
            self._elements = self._characters = 0
            self._open = [Element(name, attributes, self._line + self.parser.CurrentLineNumber)]
            return
        self._elements += 1
        if self._elements > MOST_ELEMENTS or self._depth > DEEPEST:
            self._open[0].too_big = True
            return
        if not self._open[0].too_big:
            one = Element(name, attributes, self._line + self.parser.CurrentLineNumber)
            self._open[-1].children.append(one)
            self._open.append(one)

    def _text(self, text: str) -> None:
        if not self._open or self._open[0].too_big:
            return
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS:
            self._open[0].too_big = True
            return
        self._open[-1].texts.append(text)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.closed = True
        elif self._depth == 1:
            one = self._open[0]
            if one.too_big:
                one.children, one.texts = [], []
            self._finished.append(one)
            self._open = []
        elif not self._open[0].too_big:
            self._open.pop()


def _refuse_dtd(*_: object) -> NoReturn:
    raise Unreadable("has_dtd")
