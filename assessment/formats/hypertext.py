"""HTML and plain text as Markdown: what can be kept is, the rest keeps its text.

HTML is cut here, and not by `html.parser`: that one takes quadratic time for tags that never end, and files come from anywhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

DEEPEST: Final = 32
"""Marks inside one another; deeper ones keep their text."""

_BEGINS = re.compile(r"<(?:[!?]|/?([a-zA-Z][a-zA-Z0-9:]{0,30}))")
_NONE: Final[dict[str, str]] = {}
_ATTRIBUTE = re.compile(r"[\s/]*([^\s=>/]+)\s*(=?)\s*")
_BARE = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_SIGNS = re.compile(r"[\\`*\[]|<(?=[a-zA-Z/!?])|&(?=#?\w{1,32};)|(?<![\w_])_{1,3}(?!_)|(?<!_)_{1,3}(?![\w_])")
_LINE_BEGINS = re.compile(r"^([ \t]*)(#{1,6}(?=\s)|>|[-+](?=\s)|[-=]{3,}\s*$)", re.MULTILINE)

_UNESCAPED = re.compile(r"\\([^\w\s])")
_LOW = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_HIGH = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_AROUND = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "code": "`",
    "tt": "`",
    "del": "~~",
    "s": "~~",
    "strike": "~~",
}
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "caption",
        "dl",
        "dt",
        "dd",
        "form",
        "fieldset",
        "figure",
        "figcaption",
        "address",
        "center",
    ]
)
_UNSEEN = frozenset(("script", "style", "head", "title", "template"))

Picture = Callable[[str, str], str]
"""What stands for a picture with this address and this text."""


def escaped(text: str) -> str:
    """Plain text so that Markdown shows each of its signs; gaps of four and more `_` stay."""
    text = _SIGNS.sub(lambda found: "".join(f"\\{sign}" for sign in found.group()), text)
    return _LINE_BEGINS.sub(r"\1\\\2", text)


def from_plain(text: str) -> str:
    """Plain text with its lines."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return _joined([escaped(line) for line in lines])


def from_moodle(text: str, picture: Picture) -> str:
    """What Moodle calls its own format: HTML in which line ends count, or plain text where there is none."""
    if not _MARKUP.search(text):
        return from_plain(text)
    return from_html(text.strip().replace("\n", "<br>"), picture)


def _joined(lines: list[str]) -> str:
    """The lines, each kept apart from the next."""
    ends = [("\n" if not line or not after else "  \n") for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return "".join(line + end for line, end in zip(lines, ends, strict=True)).strip()


def from_html(html: str, picture: Picture) -> str:
    """HTML as Markdown."""
    writer = _Writer(picture)
    for one in _pieces(html):
        if isinstance(one, str):
            writer.text(unescape(one))
        elif one.closing:
            writer.close(one.name)
        else:
            writer.open(one)
    return writer.ended()


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closing: bool
    attributes: dict[str, str]


def _pieces(html: str) -> Iterator[str | _Tag]:
    """Texts and tags, each sign looked at once or twice. What never ends is text."""
    place = 0
    while True:
        begins = _BEGINS.search(html, place)
        if begins is None:
            yield html[place:]
            return
        start = begins.start()
        if start > place:
            yield html[place:start]
        if html[start + 1] in "!?":
            ending = "-->" if html.startswith("<!--", start) else "]]>" if html.startswith("<![", start) else ">"
            end = html.find(ending, start + 2)
            if end < 0:
                yield html[start:]
                return
            place = end + len(ending)
            continue
        name = begins.group(1).lower()
        if html[begins.end() : begins.end() + 1] == ">":
            attributes, place = _NONE, begins.end() + 1
        elif read := _attributes(html, begins.end()):
            attributes, place = read
        else:
            yield html[start:]
            return
        yield _Tag(name, html[start + 1] == "/", attributes)


def _attributes(html: str, place: int) -> tuple[dict[str, str], int] | None:
    """The attributes and where the tag has ended; None if it never does."""
    found: dict[str, str] = {}
    while one := _ATTRIBUTE.match(html, place):
        name, place = one.group(1).lower(), one.end()
        value = ""
        if one.group(2):
            quote = html[place : place + 1]
            if quote and quote in "\"'":
                end = html.find(quote, place + 1)
                if end < 0:
                    return None
                value, place = html[place + 1 : end], end + 1
            elif bare := _BARE.match(html, place):
                value, place = bare.group(), bare.end()
        found.setdefault(name, unescape(value))
    end = html.find(">", place)
    return None if end < 0 else (found, end + 1)


class _Writer:
    """Makes Markdown of pieces, in one pass."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._out: list[str] = []
        self._gap = ""
        """What stands before the next text, if there is one before it."""
        self._space = False
        self._marker = ""
        self._lists: list[list[int]] = []
        """Of each list around: 1 if it is numbered, and how many items it had."""
        self._marks: list[tuple[str, int, str]] = []
        """What was opened: its name, where its text begins, and an address."""
        self._unseen = ""
        self._cells = 0
        self._exact = 0

    def text(self, text: str) -> None:
        if self._unseen or not text:
            return
        if self._exact:
            self._add(text)
            return
        words = _SPACE.sub(" ", text)
        bare = words.strip(" ")
        self._space = self._space or words.startswith(" ")
        if bare:
            self._add(escaped(bare))
            self._space = words.endswith(" ")

    def open(self, tag: _Tag) -> None:  # noqa: C901 - one case for each kind of tag
        name = tag.name
        if self._unseen:
            return
        if name in _UNSEEN:
            self._unseen = name
        elif name == "br":
            self._part("  \n")
        elif name == "hr":
            self._part("\n\n")
        elif name == "img":
            shown = self._picture(tag.attributes.get("src", "").strip(), tag.attributes.get("alt", "").strip())
            if shown:
                self._add(shown)
        elif name in ("ul", "ol"):
            self._part("\n" if self._lists else "\n\n")
            if len(self._lists) < DEEPEST:
                self._lists.append([int(name == "ol"), 0])
        elif name == "li":
            self._item()
        elif name == "tr":
            self._part("\n")
            self._cells = 0
        elif name in ("td", "th"):
            if self._cells:
                self._add(" | ")
            self._cells += 1
        elif name == "pre":
            self._part("\n\n")
            self._add("```\n")
            self._exact += 1
        elif name in _BLOCKS or name == "blockquote" or _is_heading(name):
            self._part("\n\n")
            if _is_heading(name) and not self._lists:
                self._marker = "#" * int(name[1]) + " "
        elif (name in _AROUND or name in ("sub", "sup", "a")) and len(self._marks) < DEEPEST:
            self._begin(name, tag.attributes.get("href", "").strip())

    def close(self, name: str) -> None:
        if self._unseen:
            self._unseen = "" if name == self._unseen else self._unseen
        elif name in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
            self._part("\n" if self._lists else "\n\n")
        elif name == "pre" and self._exact:
            self._exact -= 1
            self._add("\n```")
            self._part("\n\n")
        elif name in _BLOCKS or name == "blockquote" or _is_heading(name):
            self._marker = "" if _is_heading(name) else self._marker
            self._part("\n\n")
        elif any(mark[0] == name for mark in self._marks):
            while self._end(self._marks.pop()) != name:
                pass

    def ended(self) -> str:
        """All that was written."""
        while self._marks:
            self._end(self._marks.pop())
        if self._exact:
            self._add("\n```")
        return "".join(self._out).strip()

    def _part(self, gap: str) -> None:
        """Keep what follows apart from what was."""
        self._space = False
        if len(gap.strip(" ")) > len(self._gap.strip(" ")):
            self._gap = gap
        elif gap == self._gap == "  \n":
            self._gap = "\n\n"

    def _item(self) -> None:
        self._part("\n")
        if not self._lists:
            self._lists.append([0, 0])
        numbered, count = self._lists[-1]
        self._lists[-1][1] = count + 1
        self._marker = f"{count + 1}. " if numbered else "- "

    def _add(self, text: str) -> None:
        if not self._out and not self._marker:
            self._gap, self._space = "", False
        if self._gap or self._marker:
            inside = len(self._lists) - 1 if self._marker and self._lists else len(self._lists)
            if self._out:
                self._out.append((self._gap or "\n") + "   " * inside)
            self._out.append(self._marker)
        elif self._space and not self._out[-1].endswith((" ", "\n")):
            self._out.append(" ")
        self._gap, self._marker, self._space = "", "", False
        if text:
            self._out.append(text)

    def _begin(self, name: str, address: str) -> None:
        # What keeps it apart stands before it, so that the marks touch their text.
        if self._gap or self._marker or self._space:
            self._add("")
        self._marks.append((name, len(self._out), address))

    def _end(self, mark: tuple[str, int, str]) -> str:
        name, start, address = mark
        inside = "".join(self._out[start:])
        bare = inside.strip()
        if bare and "\n" not in bare:
            before, after = inside[: inside.index(bare)], inside[inside.index(bare) + len(bare) :]
            self._out[start:] = [before + _marked(name, bare, address) + after]
        return name


def _is_heading(name: str) -> bool:
    return len(name) == 2 and name[0] == "h" and name[1] in "123456"


def _marked(name: str, text: str, address: str) -> str:
    if name == "a":
        safe = address.startswith(("http://", "https://", "mailto:")) and not re.search(r"[\s()<>\\]", address)
        return f"[{text}]({address})" if safe and "](" not in text else text
    if name in ("sub", "sup"):
        moved = text.translate(_LOW if name == "sub" else _HIGH)
        changed = all(old != new for old, new in zip(text, moved, strict=True))
        return moved if changed else f"{'_' if name == 'sub' else '^'}({text})"
    if name in ("code", "tt"):
        return text if "`" in text else "`" + _UNESCAPED.sub(r"\1", text) + "`"
    sign = _AROUND[name]
    return text if text.startswith(sign) else f"{sign}{text}{sign}"
