"""Writes Moodle XML; what only we read of a question stands in `<qunxue>`, which Moodle leaves alone."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from assessment.formats.leaving import Notes, NotHeld
from assessment.formats.making import (
    FALSE_TEXT,
    SETTINGS,
    TRUE_TEXT,
    moodle_category,
    moodle_text,
    moodle_weights,
    settings_of,
    speakable,
)
from assessment.formats.pictures import encoded, named_in
from assessment.formats.results import Written
from assessment.questions import FALSE, TRUE, WHOLE, Accepted, Kind, Picture, Question

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
_TYPES: Final[dict[Kind, str]] = {
    "single": "multichoice",
    "multiple": "multichoice",
    "true_false": "truefalse",
    "ordering": "ordering",
    "matching": "matching",
    "short_text": "essay",
}
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMBINED: Final = frozenset(("single", "multiple", "ordering", "matching"))


def write_moodle_xml(questions: Iterable[Question]) -> Written:
    """The questions, with categories where they change and the pictures that they carry and show."""
    notes = Notes()
    parts = [_HEAD]
    category: tuple[str, ...] = ()
    for question in questions:
        notes.begin()
        try:
            written = "".join(f"    {line}\n" for line in _Writer(question, notes).lines())
        except NotHeld as why:
            notes.altogether(why.code)
            continue
        if question.category != category:
            category = question.category
            path = f"<category>{_text(moodle_category(category))}</category>"
            parts.append(f'  <question type="category">\n    {path}\n  </question>\n')
        parts.append(f'  <question type="{_type(question)}">\n{written}  </question>\n')
    parts.append("</quiz>\n")
    return Written("".join(parts), tuple(notes.left_out))


def _type(question: Question) -> str:
    if question.kind == "fill_in":
        return "numerical" if _numerical(question.blanks[0].accepted) else "shortanswer"
    return _TYPES[question.kind]


def _numerical(accepted: tuple[Accepted, ...]) -> bool:
    return any(one.number is not None for one in accepted)


def _text(text: str) -> str:
    return f"<text>{escape(_UNWRITABLE.sub('', text.strip()))}</text>"


class _Writer:
    """The lines of one question."""

    def __init__(self, question: Question, notes: Notes) -> None:
        self._question = question
        self._notes = notes
        self._pictures: dict[str, Picture] = {one.name: one for one in question.pictures}
        self._shown: set[str] = set()

    def lines(self) -> Iterator[str]:
        question = self._question
        yield f"<name>{_text(question.name)}</name>"
        yield self._rich("questiontext", question.text)
        yield self._rich("generalfeedback", question.explanation)
        yield f"<defaultgrade>{Decimal(question.marks) / 100:f}</defaultgrade>"
        if question.id_number:
            yield f"<idnumber>{escape(_UNWRITABLE.sub('', question.id_number))}</idnumber>"
        yield from self._answers()
        if question.when_right:
            yield self._rich("correctfeedback", question.when_right)
        if question.when_wrong:
            yield self._rich("incorrectfeedback", question.when_wrong)
        if question.tags:
            yield f"<tags>{''.join(f'<tag>{_text(tag)}</tag>' for tag in question.tags)}</tags>"
        settings = settings_of(question, [name for name in SETTINGS if name != "marks"])
        if settings:
            yield f"<qunxue {' '.join(f'{name}={quoteattr(value)}' for name, value in settings.items())}/>"
        self._note(settings)

    def _note(self, settings: object) -> None:
        question, notes = self._question, self._notes
        notes.part("settings", there=settings)
        notes.part("rubric", there=question.rubric and question.kind != "short_text")
        told = question.when_right or question.when_wrong
        notes.part("combined_feedback", there=told and question.kind not in _COMBINED)
        notes.part("pictures", there=self._pictures.keys() - self._shown)
        notes.feedback(question, stems=True, choices=question.kind in ("ordering", "matching"))

    def _rich(self, name: str, text: str, attributes: str = "", inside: str = "") -> str:
        text, names = named_in(text, self._pictures)
        files = "".join(
            f'<file name={quoteattr(one)} path="/" encoding="base64">{encoded(self._pictures[one])}</file>'
            for one in names
        )
        self._shown.update(names)
        return f'<{name}{attributes} format="markdown">{_text(text)}{files}{inside}</{name}>'

    def _answer(self, text: str, weight: int, feedback: str, *, rich: bool = True, inside: str = "") -> str:
        fraction = f' fraction="{Decimal(weight) / (WHOLE // 100):f}"'
        told = inside + (self._rich("feedback", feedback) if feedback else "")
        if rich:
            return self._rich("answer", text, fraction, told)
        return f'<answer{fraction} format="moodle_auto_format">{_text(text)}{told}</answer>'

    def _answers(self) -> Iterator[str]:
        question = self._question
        if question.kind in ("single", "multiple"):
            yield f"<single>{'true' if question.kind == 'single' else 'false'}</single>"
            yield from self._shuffled()
            for one, weight in zip(question.choices, moodle_weights(question), strict=True):
                yield self._answer(one.text, weight, one.feedback)
        elif question.kind == "true_false":
            yield from self._true_or_false()
        elif question.kind == "fill_in":
            yield from self._blank()
        elif question.kind == "matching":
            yield from self._shuffled()
            yield from self._pairs()
        elif question.kind == "ordering":
            yield f"<gradingtype>{'ALL_OR_NOTHING' if question.partial == 'none' else 'ABSOLUTE_POSITION'}</gradingtype>"
            yield "<selecttype>ALL</selecttype>"
            for place, one in enumerate(question.choices, start=1):
                yield self._rich("answer", one.text, f' fraction="{place}"')
        else:
            yield self._rich("graderinfo", question.rubric)

    def _shuffled(self) -> Iterator[str]:
        yield f"<shuffleanswers>{'true' if self._question.shuffle else 'false'}</shuffleanswers>"

    def _true_or_false(self) -> Iterator[str]:
        by_key = {one.key: one for one in self._question.choices}
        if sorted(one.weight for one in by_key.values()) != [0, WHOLE]:
            raise NotHeld("weights")
        usual = (by_key[TRUE].text, by_key[FALSE].text) == (TRUE_TEXT, FALSE_TEXT)
        self._notes.part("texts_of_choices", there=not usual)
        for key in (TRUE, FALSE):
            yield self._answer(key, by_key[key].weight, by_key[key].feedback, rich=False)

    def _blank(self) -> Iterator[str]:
        question = self._question
        if len(question.blanks) != 1:
            raise NotHeld("blanks")
        accepted = question.blanks[0].accepted
        if _numerical(accepted):
            for one in accepted:
                yield self._number(one)
            return
        yield f"<usecase>{int(not question.fold_case)}</usecase>"
        for one in accepted:
            said = moodle_text(one)
            if said is None:
                raise NotHeld("wildcard")
            yield self._answer(said, one.weight, one.feedback, rich=False)

    def _number(self, one: Accepted) -> str:
        if one.number is None:
            if one.text != "*" or not one.wildcard:
                raise NotHeld("mixed_blank")
            return self._answer("*", one.weight, one.feedback, rich=False)
        tolerance = f"<tolerance>{speakable(one.tolerance)}</tolerance>"
        return self._answer(speakable(one.number), one.weight, one.feedback, rich=False, inside=tolerance)

    def _pairs(self) -> Iterator[str]:
        question = self._question
        texts = {one.key: one.text.strip() for one in question.choices}
        if len(set(texts.values())) < len(texts):
            raise NotHeld("same_choices")
        pairs = [(stem.text, texts[stem.match]) for stem in question.stems]
        matched = {stem.match for stem in question.stems}
        pairs += [("", text) for key, text in texts.items() if key not in matched]
        for stem, match in pairs:
            yield self._rich("subquestion", stem, inside=f"<answer>{_text(match)}</answer>")
