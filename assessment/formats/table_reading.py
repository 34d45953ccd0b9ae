"""Reads tables of questions as training departments keep them: titles above, sections between, notes below."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from assessment.formats.aiken import lettered
from assessment.formats.making import GAP, checked, choices_of, pairs_of, refusal_of, true_or_false
from assessment.formats.results import Place, Read, Refusal, Skipped, Unreadable, bounded, shortened, skipped
from assessment.formats.table_headings import Layout, column_of, layout_of
from assessment.formats.table_values import (
    FALSE_WORDS,
    TRUE_WORDS,
    category_of,
    count_of_fillings,
    difficulty_of,
    fillings_of,
    first_of,
    is_empty,
    kind_of,
    marks_of,
    partial_of,
    plain,
    tags_of,
    text_of,
    yes_or_no,
)
from assessment.questions import WHOLE, Blank, Choice, Kind, Question, letter

ROWS_ABOVE: Final = 100
"""Rows in which the headings may be."""
_LONGEST_HEADING: Final = 12
LETTERS: Final = tuple(map(letter, range(26)))
_SECTION = re.compile(
    r"(?:第?[一二三四五六七八九十\d]{1,3}(?:部分|大题)?[、.:\s]*)?([^\s(（:：,，。]{2,8}?)\s*(?:[(（:：,，].*)?"
)
_NOTE = re.compile(r"(?:备?注|说明|提示|制表|填表|审核|出题|编制|合计|共\s*\d+\s*题|note)", re.IGNORECASE)
_SOLID_GAP = re.compile(r"[_＿]{2,}")
_BRACKET_GAP = re.compile(r"[(（][\s_＿]*[)）]")
_ANY_GAP = re.compile(r"[_＿]{2,}|[(（]\s*[)）]")
_ARROW = re.compile(r"\s*(?:->|→|=>|⇒|——|—>)\s*")
_BETWEEN = re.compile(r"[\s,，、;；./|>→和及&\-]+")


@bounded
def read_table(rows: Iterable[tuple[int, Any]]) -> Iterator[Read]:
    """The questions of a table; a row or a cell that cannot be read is an exception, as `chassis.tabular` gives it.

    Raises `Unreadable` where no row has the headings.
    """
    rows = iter(rows)
    number, layout, above = _found(rows)
    yield from above
    yield from _unread(number, layout)
    table = _Table(layout)
    for number, cells in rows:
        place = Place(row=number)
        try:
            if isinstance(cells, Exception):
                raise Refusal("bad_row", {"said": str(getattr(cells, "code", cells))[:40]})
            if (again := _headings(cells)) is not None:
                table.layout = again
                yield from _unread(number, again)
            elif not all(is_empty(cell) for cell in cells):
                yield table.row(place, cells)
        except Refusal as refusal:
            yield refusal_of(refusal, place)


def _found(rows: Iterator[tuple[int, Any]]) -> tuple[int, Layout, list[Skipped]]:
    above: list[Skipped] = []
    for number, cells in rows:
        if number > ROWS_ABOVE:
            break
        if isinstance(cells, Exception):
            continue
        try:
            layout = layout_of(cells)
        except Refusal as refusal:
            raise Unreadable(refusal.code, Place(row=number), **refusal.values) from None
        if layout is not None:
            return number, layout, above
        said = " ".join(str(cell)[:100] for cell in cells if not is_empty(cell) and not isinstance(cell, Exception))
        if said:
            above.append(skipped(Place(row=number), said, why="note"))
    raise Unreadable("no_headings")


def _unread(number: int, layout: Layout) -> Iterator[Skipped]:
    return (skipped(Place(row=number), name, why="column") for name in layout.unread)


def _headings(cells: Sequence[Any]) -> Layout | None:
    """The layout, where a row has headings again: the same, or others."""
    short = (cell for cell in cells if isinstance(cell, str) and 0 < len(cell) <= _LONGEST_HEADING)
    return layout_of(cells) if any(column_of(cell) == "text" for cell in short) else None


class _Table:
    """What the rows before say about the next one."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._section: Kind | None = None
        self._above: dict[str, str] = {}
        """What merged cells say for the rows below: kinds and categories."""

    def row(self, place: Place, cells: Sequence[Any]) -> Read:
        alone = first_of(cells)
        if alone is not None and (note := self._note(*alone)):
            return skipped(place, note, why="note")
        said = self._said(cells)
        if not said["text"]:
            raise Refusal("required", pointer="/text")
        if said.get("kind"):
            kind = kind_of(said["kind"])
            if kind is None:
                return skipped(place, said["kind"])
        else:
            kind = self._section
        row = _Row(said, self.layout)
        question = row.question(kind)
        if not all(map(is_empty, self.layout.unheaded(cells))):
            row.left_out.append("cells")
        return checked(question, place, row.left_out)

    def _note(self, position: int, text: str) -> str:
        """What a row says that is no question: the heading of a section, or a note."""
        bare = unicodedata.normalize("NFKC", text)
        if (found := _SECTION.fullmatch(bare)) and (kind := _kind(found.group(1))):
            self._section = kind
            return text
        return text if position != self.layout.columns["text"] or _NOTE.match(bare) else ""

    def _said(self, cells: Sequence[Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for column, position in self.layout.columns.items():
            cell = cells[position] if position < len(cells) else None
            if column == "counted" or (column == "id_number" and isinstance(cell, Exception)):
                continue
            if column in ("kind", "category"):
                if isinstance(cell, Exception) and getattr(cell, "code", "") == "merged_cell":
                    cell = self._above.get(column, "")
                else:
                    self._above[column] = text_of(cell, self.layout.title(column))
            found[column] = text_of(cell, self.layout.title(column))
        return found


def _kind(name: str) -> Kind | None:
    try:
        return kind_of(name)
    except Refusal:
        return None


class _Row:
    """One question, of what its cells say."""

    def __init__(self, said: dict[str, str], layout: Layout) -> None:
        self._said = said
        self._layout = layout
        self._text = said["text"]
        self._answer = said.get("answer", "")
        self._choices = self._all_choices()
        self.left_out: list[str] = []

    def question(self, kind: Kind | None) -> Question:
        kind = kind or self._supposed()
        more: dict[str, Any] = {}
        for column, of in (
            ("marks", marks_of),
            ("deduction", marks_of),
            ("difficulty", difficulty_of),
            ("partial", partial_of),
        ):
            if said := self._said.get(column):
                more[column] = of(said, self._layout.title(column))
        for column, opposite in (("fold_case", True), ("fold_traditional", True), ("shuffle", False)):
            if said := self._said.get(column):
                more[column] = yes_or_no(said, self._layout.title(column)) != opposite
        parts = self._parts(kind)
        return Question(
            kind=kind,
            text=self._text,
            name=" ".join(self._said.get("name", "").split()),
            id_number=self._id_number(),
            explanation=self._said.get("explanation", ""),
            when_right=self._said.get("when_right", ""),
            when_wrong=self._said.get("when_wrong", ""),
            category=category_of(self._said.get("category", "")),
            tags=tags_of(self._said.get("tags", "")),
            rubric=self._rubric() if kind == "short_text" else self._said.get("rubric", ""),
            **parts,
            **more,
        )

    def _id_number(self) -> str:
        """What it is known by: without a letter (`1`, `第2题`) it only counts the rows, and others do the same."""
        said = " ".join(self._said.get("id_number", "").split())
        return said if re.search("[A-Za-z]", said) else ""

    def _rubric(self) -> str:
        rubric = self._said.get("rubric", "")
        return f"{rubric}\n\n参考答案：{self._answer}" if rubric and self._answer else rubric or self._answer

    def _supposed(self) -> Kind:
        """The kind that follows from what the row has."""
        answer = plain(self._answer)
        if not answer:
            raise Refusal("no_answer" if self._choices else "unclear_kind")
        words = [plain(one) for one in self._choices]
        if words and not all(one in TRUE_WORDS | FALSE_WORDS for one in words):
            return "single" if len(self._letters() or [0]) == 1 else "multiple"
        if words or (answer in TRUE_WORDS | FALSE_WORDS and not _SOLID_GAP.search(self._text)):
            return "true_false"
        if _SOLID_GAP.search(self._text) or _BRACKET_GAP.search(self._text):
            return "fill_in"
        raise Refusal("unclear_kind")

    def _all_choices(self) -> list[str]:
        """From their columns, from the one column for all, or from the lines below the question."""
        found = [self._said.get(one, "") for one in LETTERS]
        while found and not found[-1]:
            found.pop()
        if not found and (together := self._said.get("choices", "")):
            lines = [line.strip() for line in together.split("\n") if line.strip()]
            if len(lines) < 2:
                lines = [part.strip() for part in re.split(r"[|｜;；]", together) if part.strip()]
            found = lines
        if not found:
            lines = self._text.split("\n")
            first = next((count for count, line in enumerate(lines) if lettered(line, 0) is not None), 0)
            if first and all(lettered(line, count) is not None for count, line in enumerate(lines[first:])):
                self._text, found = "\n".join(lines[:first]).strip(), lines[first:]
        bare = [lettered(one, count) for count, one in enumerate(found)]
        return [one for one in bare if one is not None] if bare and all(bare) else found

    def _parts(self, kind: Kind) -> dict[str, Any]:
        if kind == "short_text":
            self._note("choices", there=self._choices)
            return {}
        if kind == "matching":
            self._note("answer", there=self._answer)
            return self._pairs()
        if kind == "fill_in":
            return {"blanks": tuple(map(Blank, self._fillings()))}
        if not self._answer:
            raise Refusal("no_answer")
        if kind == "true_false":
            return {"choices": self._true_or_false()}
        if not self._choices:
            raise Refusal("no_choices")
        letters = self._letters()
        if not letters:
            raise Refusal("unclear_answer", {"said": shortened(self._answer)})
        if beyond := [letter(one) for one in letters if one >= len(self._choices)]:
            raise Refusal("wrong_letter", {"said": beyond[0]})
        if kind == "ordering":
            return {"choices": self._ordered(letters)}
        if kind == "single" and len(letters) > 1:
            raise Refusal("one_right", pointer="/choices")
        right = set(letters)
        parts = [(said, WHOLE if count in right else 0, "") for count, said in enumerate(self._choices)]
        return {"choices": choices_of(parts)}

    def _letters(self) -> list[int]:
        """Which choices the answer names, from 0: by letters, by their text, or by numbers; none if it names none."""
        answer = unicodedata.normalize("NFKC", self._answer).upper()
        bare = _BETWEEN.sub("", answer)
        letters = list(dict.fromkeys(LETTERS.index(one) for one in bare)) if re.fullmatch(r"[A-Z]{1,60}", bare) else []
        if letters and max(letters) < len(self._choices):
            return letters
        texts = [plain(one) for one in self._choices]
        named = [plain(self._answer)]
        if named[0] not in texts:
            named = [plain(one) for one in re.split(r"[|｜;；\n]", self._answer) if one.strip()]
        if named and all(one in texts for one in named):
            return list(dict.fromkeys(texts.index(one) for one in named))
        numbers = [one for one in _BETWEEN.split(answer) if one]
        if numbers and all(re.fullmatch(r"[1-9]\d?", one, re.ASCII) for one in numbers):
            return list(dict.fromkeys(int(one) - 1 for one in numbers))
        return letters

    def _ordered(self, letters: list[int]) -> tuple[Choice, ...]:
        if sorted(letters) != list(range(len(self._choices))):
            raise Refusal("not_every_choice", {"said": shortened(self._answer)})
        return tuple(Choice(letter(one), self._choices[one]) for one in letters)

    def _true_or_false(self) -> tuple[Choice, ...]:
        answer = plain(self._answer)
        words = [plain(one) for one in self._choices]
        if len(words) == 2 and answer in ("a", "b"):
            answer = words["ab".index(answer)]
        if answer not in TRUE_WORDS | FALSE_WORDS:
            raise Refusal("true_or_false", {"said": shortened(self._answer)})
        right = answer in TRUE_WORDS
        if len(words) == 2 and {word in TRUE_WORDS for word in words} == {True, False} and set(words) & FALSE_WORDS:
            yes, no = self._choices if words[0] in TRUE_WORDS else reversed(self._choices)
            return true_or_false(right, texts=(yes, no))
        self._note("texts_of_choices", there=self._choices)
        return true_or_false(right)

    def _fillings(self) -> list[Any]:
        marks = _SOLID_GAP if _SOLID_GAP.search(self._text) else _BRACKET_GAP
        if count_of_fillings(self._answer) == len(_ANY_GAP.findall(self._text)) > 1:
            marks = _ANY_GAP  # Both signs are gaps, as the answer has one for each of them.
        self._text, blanks = marks.subn(GAP, self._text)
        if self._answer:
            self._note("choices", there=self._choices)
            return fillings_of(self._answer, blanks)
        if not self._choices:
            raise Refusal("no_answer")
        if blanks > 1 and blanks != len(self._choices):
            raise Refusal("count_of_blanks", {"blanks": blanks, "said": len(self._choices)})
        return [way for one in self._choices for way in fillings_of(one, 1)]

    def _note(self, code: str, *, there: object) -> None:
        if there:
            self.left_out.append(code)

    def _pairs(self) -> dict[str, Any]:
        if not self._choices:
            raise Refusal("no_choices")
        found: list[tuple[str, str]] = []
        for one in self._choices:
            sides = _ARROW.split(one, maxsplit=1)
            if len(sides) < 2:
                raise Refusal("no_arrow", {"said": shortened(one)})
            found.append((sides[0].strip(), sides[1].strip()))
        return pairs_of(found)
