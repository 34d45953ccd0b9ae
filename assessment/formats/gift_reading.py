"""Reads GIFT, as Moodle's documentation describes it and Moodle's own reader takes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from assessment.formats.hypertext import from_html, from_moodle, from_plain
from assessment.formats.making import (
    GAP,
    LONGEST_QUESTION,
    MOST_PARTS,
    accepted_text,
    between,
    category_of,
    checked,
    choices_of,
    lines_of,
    number_of,
    paid,
    pairs_of,
    refusal_of,
    refuse_damaged,
    settings_from,
    tags_of,
    true_or_false,
    weight_of,
)
from assessment.formats.results import Place, Read, Refusal, bounded, skipped
from assessment.questions import WHOLE, Accepted, Blank, Question

SIGNS: Final = "\\~=#{}:n"
"""What a backslash may stand before; `n` is a new line."""
_HELD = {sign: chr(0xFDD0 + count) for count, sign in enumerate(SIGNS)}
_FREE = {ord(held): "\n" if sign == "n" else sign for sign, held in _HELD.items()}
_ESCAPE = re.compile(r"\\([\\~=#{}:n])")
_CATEGORY = re.compile(r"\s*\$CATEGORY:(.*)", re.IGNORECASE)
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{0,10})?)%")
_NO_WEIGHT = re.compile(r"\s*%(?=[^%]{0,9}\d)[^%\s]{1,10}%")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]\[<>`\\])+)\]")
_ID = re.compile(r"\[id:([^\]\[]+)\]")
_SETTINGS = re.compile(r"\[qunxue:([^\]\[]{1,300})\]")
_GOES_ON: Final = ("=", "~", "#", "}")
_TRUE, _FALSE = frozenset(("t", "true")), frozenset(("f", "false"))


@dataclass(slots=True)
class _Block:
    """The lines between two blank ones, with what a backslash protects put away, and its comments by themselves."""

    line: int
    text: str
    comments: list[str]


@bounded
def read_gift(text: str) -> Iterator[Read]:
    """The questions of a GIFT file. A category counts for what follows it, tags for the question beside them."""
    category: tuple[str, ...] = ()
    for block in _joined(_blocks(lines_of(text))):
        while begins := _CATEGORY.match(block.text):
            category = category_of(_free(begins.group(1)))
            rest = block.text[begins.end() :].lstrip()
            block.line += block.text[: len(block.text) - len(rest)].count("\n")
            block.text = rest
        if not block.text:
            continue
        place = Place(line=block.line)
        try:
            yield _read(block, place, category)
        except Refusal as refusal:
            yield refusal_of(refusal, place)


def _blocks(lines: list[str]) -> Iterator[_Block]:
    first, kept, comments = 0, list[str](), list[str]()
    for number, line in enumerate([*lines, ""], start=1):
        if not line and not kept:
            comments = []
            continue
        bare = line.strip()
        if bare.startswith("//"):
            comments.append(bare)
            # Its place stays, so that lines are counted right.
            if kept:
                kept.append("")
        elif bare:
            first = first if kept else number
            kept.append(line)
        else:
            # What is said above a blank line is about the file, and not about a question.
            if kept:
                joined = "\n".join(kept).strip()
                if len(joined) <= LONGEST_QUESTION:
                    joined = _ESCAPE.sub(lambda found: _HELD[found.group(1)], joined)
                yield _Block(first, joined, comments)
            kept, comments = [], []


def _joined(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Blocks over which answers run on are one: those that begin like an answer, up to the one in which the answers end."""
    waiting: list[_Block] = []
    for block in blocks:
        begins, ends = block.text.find("{"), block.text.find("}")
        if waiting and block.text.startswith(_GOES_ON) and (begins < 0 or 0 <= ends < begins):
            waiting.append(block)
            if ends >= 0:
                yield _whole(waiting)
                waiting = []
            continue
        yield from waiting
        waiting = [block] if begins >= 0 and ends < 0 else []
        if not waiting:
            yield block
    yield from waiting


def _whole(blocks: list[_Block]) -> _Block:
    parts = [blocks[0].text]
    line = blocks[0].line + blocks[0].text.count("\n")
    for one in blocks[1:]:
        parts.append("\n" * (one.line - line) + one.text)
        line = one.line + one.text.count("\n")
    return _Block(blocks[0].line, "".join(parts), [said for one in blocks for said in one.comments])


def _free(text: str) -> str:
    """The text with what was put away."""
    return text.translate(_FREE)


def _read(block: _Block, place: Place, category: tuple[str, ...]) -> Read:
    refuse_damaged(block.text)
    if len(block.text) > LONGEST_QUESTION:
        raise Refusal("too_long", pointer="/text")
    text, name = block.text, ""
    if text.startswith("::") and (end := text.find("::", 2)) > 0:
        name, text = " ".join(_free(text[2:end]).split()), text[end + 2 :].strip()
    begins, ends = text.find("{"), text.find("}")
    if begins < 0 and ends < 0:
        return skipped(place, "description")
    if begins < 0 or ends < begins or "{" in text[ends:] or "}" in text[ends + 1 :]:
        line = block.line + block.text.count("\n", 0, max(0, block.text.find("}") if begins < 0 else 0))
        raise Refusal("braces", line=line)
    answers, after = text[begins + 1 : ends].strip(), text[ends + 1 :]
    said = f"{text[:begins]}{GAP}{after}" if after.strip() else text[:begins]
    reader, said = _formatted(said)
    answers, _, general = answers.rpartition("####") if "####" in answers else (answers, "", "")
    about = " ".join(block.comments)
    known_by = _ID.search(about)
    question = Question(
        text=reader.text(said),
        name=name,
        category=category,
        explanation=reader.formatted(general),
        id_number=" ".join(known_by.group(1).split()) if known_by else "",
        **{**reader.answers(answers.strip()), **tags_of(_tags(about))},
    )
    return checked(_set(question, about), place, reader.left_out)


def _set(question: Question, comments: str) -> Question:
    if not (found := _SETTINGS.search(comments)):
        return question
    parts = [part.partition("=") for part in found.group(1).split()]
    question = replace(question, **settings_from({name: value for name, _, value in parts}))
    return replace(question, choices=paid(question.kind, question.choices, question.partial))


def _tags(comments: str) -> list[str]:
    return [tag.replace("\\]", "]") for tag in _TAG.findall(comments)]


def _formatted(text: str) -> tuple["_Reader", str]:
    found = _FORMAT.match(text)
    return (_Reader(found.group(1).lower()), text[found.end() :]) if found else (_Reader("moodle"), text)


class _Reader:
    """Reads the parts of one question, whose texts have one format unless they say another."""

    def __init__(self, form: str) -> None:
        self._form = form
        self.left_out: list[str] = []

    def formatted(self, text: str) -> str:
        """A text that may begin with its format."""
        found = _FORMAT.match(text)
        return self.text(text[found.end() :], found.group(1).lower()) if found else self.text(text)

    def text(self, text: str, form: str = "") -> str:
        """A text as Markdown."""
        text, form = _free(text).strip(), form or self._form
        if form == "markdown":
            return text.replace("-&gt;", "->")
        if form == "html":
            return from_html(text, self._picture)
        return from_plain(text) if form == "plain" else from_moodle(text, self._picture)

    def _picture(self, address: str, words: str) -> str:
        self.left_out.append("pictures")
        return words

    def answers(self, text: str) -> dict[str, Any]:
        """What a question has besides its text, by what stands in braces."""
        if not text:
            return {"kind": "short_text"}
        if text.startswith("#"):
            return {"kind": "fill_in", "blanks": (self._numbers(text[1:]),)}
        if "~" in text:
            return self._choices(text)
        if "=" in text and "->" in text:
            return self._pairs(text)
        word, *comments = text.split("#", 2)
        if word.strip().lower() in _TRUE | _FALSE:
            right = word.strip().lower() in _TRUE
            when_wrong, when_right = [self.formatted(one) for one in [*comments, "", ""][:2]]
            when_true, when_false = (when_right, when_wrong) if right else (when_wrong, when_right)
            choices = true_or_false(right, when_true=when_true, when_false=when_false)
            return {"kind": "true_false", "choices": choices}
        return {"kind": "fill_in", "blanks": (Blank(tuple(self._accepted(one) for one in _parts(text, "="))),)}

    def _choices(self, text: str) -> dict[str, Any]:
        """Choices: with `=` one is to be chosen; with `~` alone several are, each for its weight."""
        found: list[tuple[str, int, str]] = []
        for part in _parts(re.sub(r"~\s*=", "=", text).replace("=", "~="), "~"):
            right = part.startswith("=")
            weight, rest = _weighted(part.removeprefix("="), WHOLE if right else 0)
            said, _, feedback = rest.partition("#")
            found.append((self.formatted(said), weight, self.formatted(feedback)))
        kind = "single" if "=" in text else "multiple"
        return {
            "kind": kind,
            "choices": choices_of(found),
            "partial": "weights" if kind == "multiple" else "usual",
        }

    def _pairs(self, text: str) -> dict[str, Any]:
        found: list[tuple[str, str]] = []
        for part in _parts(text, "="):
            stem, arrow, match = part.partition("->")
            if not arrow:
                raise Refusal("no_arrow", {"said": _free(part).strip()[:40]})
            found.append((self.formatted(stem), self.text(match)))
        return {"kind": "matching", **pairs_of(found)}

    def _accepted(self, part: str) -> Accepted:
        weight, rest = _weighted(part, WHOLE)
        said, _, feedback = rest.partition("#")
        said = _free(said[found.end() :] if (found := _FORMAT.match(said)) else said).strip()
        return accepted_text(said, weight, self.formatted(feedback))

    def _numbers(self, text: str) -> Blank:
        text, _, wrong = text.partition("~")
        found = [self._number(part) for part in _parts(text, "=")]
        if wrong.strip().startswith("#"):
            found.append(Accepted("*", wildcard=True, weight=0, feedback=self.formatted(wrong.strip()[1:])))
        return Blank(tuple(found))

    def _number(self, part: str) -> Accepted:
        weight, rest = _weighted(part, WHOLE)
        said, _, feedback = rest.partition("#")
        told = self.formatted(feedback)
        if said.strip() == "*":
            return Accepted("*", wildcard=True, weight=weight, feedback=told)
        lowest, dots, highest = said.partition("..")
        if dots:
            number, tolerance = between(number_of(_free(lowest)), number_of(_free(highest)))
        else:
            middle, colon, off = said.partition(":")
            number, tolerance = number_of(_free(middle)), number_of(_free(off)) if colon else number_of("0")
        return Accepted(number=number, tolerance=tolerance, weight=weight, feedback=told)


def _parts(text: str, sign: str) -> list[str]:
    """What stands between the signs; before the first one nothing has to."""
    if text.count(sign) > MOST_PARTS:
        raise Refusal("too_many", pointer="/choices")
    parts = [part.strip() for part in text.split(sign)]
    return parts if parts[0] else parts[1:]


def _weighted(part: str, usual: int) -> tuple[int, str]:
    if found := _WEIGHT.match(part):
        return weight_of(found.group(1)), part[found.end() :]
    if found := _NO_WEIGHT.match(part):
        raise Refusal("not_a_number", {"said": found.group().strip()})
    return usual, part
