"""Aiken: a question, its choices by letters, and the letter of the one that is right."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from assessment.formats.leaving import Notes, NotHeld
from assessment.formats.making import (
    LONGEST_QUESTION,
    MOST_PARTS,
    checked,
    choices_of,
    lines_of,
    refusal_of,
    refuse_damaged,
)
from assessment.formats.results import Place, Read, Refusal, Written, bounded, shortened
from assessment.questions import WHOLE, Choice, Question, letter

_CHOICE = re.compile(r"\s*([A-Za-zＡ-Ｚａ-ｚ])\s*[.)、:．）：。]\s*(.*)")
_ANSWER = re.compile(r"\s*(?:ANSWER|答案|正确答案)\s*[:：]\s*(.*)", re.IGNORECASE)
_WIDE: Final = {0xFEE0 + code: code for code in (*range(0x41, 0x5B), *range(0x61, 0x7B))}


def lettered(line: str, place: int) -> str | None:
    """What a line says that is the choice with the letter of this place, in any case and width; None if it is not."""
    found = _CHOICE.fullmatch(line)
    named = found.group(1).translate(_WIDE).upper() if found else ""
    return found.group(2).strip() if found and named == letter(place) else None


@dataclass(slots=True)
class _Item:
    """A question under way."""

    line: int
    text: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    signs: int = 0

    def take(self, line: str) -> bool:
        """Whether a line that is no answer belongs to it; False where the next question begins."""
        self.signs += len(line)
        said = lettered(line, len(self.choices)) if len(self.choices) < 26 else None
        if said is not None and self.text:
            self.choices.append(said)
        elif self.choices:
            return False
        else:
            self.text.append(line.strip())
        return True


@bounded
def read_aiken(text: str) -> Iterator[Read]:
    """The questions of an Aiken file. Letters and the word ANSWER are taken in any case and width, since they cannot mean anything else."""
    item: _Item | None = None
    for number, line in enumerate(lines_of(text), start=1):
        if not line.strip():
            continue
        answer = _ANSWER.fullmatch(line)
        if answer:
            yield _ended(item or _Item(number), answer.group(1), number)
            item = None
        elif item is None:
            item = _begun(number, line)
        elif not item.take(line):
            yield _ended(item, None, number)
            item = _begun(number, line)
    if item is not None:
        yield _ended(item, None, 0)


def _begun(number: int, line: str) -> _Item:
    item = _Item(number)
    item.take(line)
    return item


def _ended(item: _Item, answer: str | None, line: int) -> Read:
    place = Place(line=item.line)
    try:
        return checked(_question(item, answer, line), place)
    except Refusal as refusal:
        return refusal_of(refusal, place)


def _question(item: _Item, answer: str | None, line: int) -> Question:
    if not item.text:
        raise Refusal("no_question")
    if item.signs > LONGEST_QUESTION or len(item.text) > MOST_PARTS:
        raise Refusal("too_long", pointer="/text")
    for said in (*item.text, *item.choices):
        refuse_damaged(said)
    if not item.choices:
        raise Refusal("no_choices" if answer is not None else "no_answer")
    if answer is None:
        raise Refusal("no_answer")
    named = answer.strip().translate(_WIDE).upper().rstrip(".。．)）")
    letters = [letter(count) for count in range(len(item.choices))]
    if named not in letters:
        several = len(named) > 1 and set(re.split(r"[\s,，、;；和]*", named)) - {""} <= set(letters)
        raise Refusal("several_right" if several else "wrong_letter", {"said": shortened(named)}, line=line)
    right = letters.index(named)
    parts = [(said, WHOLE if count == right else 0, "") for count, said in enumerate(item.choices)]
    return Question("single", "\n".join(item.text), choices=choices_of(parts))


# --- writing --------------------------------------------------------------------------------------------------------


def write_aiken(questions: Iterable[Question]) -> Written:
    """The questions with one right choice; of each its text, its choices and which of them is right."""
    notes = Notes()
    parts: list[str] = []
    for question in questions:
        notes.begin()
        try:
            parts.append(_written(question))
        except NotHeld as why:
            notes.altogether(why.code)
            continue
        notes.part("tags", there=question.tags or question.difficulty != 3)
        notes.part("marks", there=question.marks != 100 or question.deduction)
        notes.part("category", there=question.category)
        notes.part("name", there=question.name)
        notes.part("explanation", there=question.explanation)
        notes.part("settings", there=not question.shuffle)
        notes.part("combined_feedback", there=question.when_right or question.when_wrong)
        notes.part("pictures", there=question.pictures)
        notes.part("id_number", there=question.id_number)
        notes.feedback(question, choices=True)
    return Written("\n".join(parts), tuple(notes.left_out))


def _written(question: Question) -> str:
    if question.kind != "single":
        raise NotHeld("kind")
    right = [one for one in question.choices if one.weight]
    if len(right) != 1 or right[0].weight != WHOLE:
        raise NotHeld("one_right")
    lines = [line.strip() for line in question.text.strip().split("\n") if line.strip()]
    if any(_reads_otherwise(line) for line in lines) or any(_several_lines(one) for one in question.choices):
        raise NotHeld("lines")
    choices = [f"{letter(count)}. {one.text.strip()}" for count, one in enumerate(question.choices)]
    return "\n".join([*lines, *choices, f"ANSWER: {letter(question.choices.index(right[0]))}\n"])


def _reads_otherwise(line: str) -> bool:
    return bool(_ANSWER.fullmatch(line)) or lettered(line, 0) is not None


def _several_lines(one: Choice) -> bool:
    return "\n" in one.text.strip()
