"""Writes GIFT: what Moodle reads, and in comments what only we do."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from assessment.formats.leaving import Notes, NotHeld
from assessment.formats.making import (
    FALSE_TEXT,
    TRUE_TEXT,
    moodle_category,
    moodle_text,
    moodle_weights,
    settings_of,
    speakable,
)
from assessment.formats.results import Written
from assessment.questions import TRUE, WHOLE, Accepted, Question

_SPECIAL = re.compile(r"[\\~=#{}:]")
_BEGINS: Final = ("%", "[")


def write_gift(questions: Iterable[Question]) -> Written:
    """The questions, with `$CATEGORY` where it changes."""
    notes = Notes()
    parts: list[str] = []
    category: tuple[str, ...] = ()
    for question in questions:
        notes.begin()
        try:
            written = "\n".join(_lines(question, notes))
        except NotHeld as why:
            notes.altogether(why.code)
            continue
        if question.category != category:
            category = question.category
            parts.append(f"$CATEGORY: {_escaped(moodle_category(category))}\n")
        parts.append(f"{written}\n")
    return Written("\n".join(parts), tuple(notes.left_out))


def _lines(question: Question, notes: Notes) -> Iterator[str]:
    answers = _answers(question, notes)
    tags = [f"[tag:{tag}]" for tag in (" ".join(one.split()).replace("]", "\\]") for one in question.tags)]
    settings = " ".join(f"{name}={value}" for name, value in settings_of(question).items())
    held = bool(question.id_number) and not re.search(r"[\[\]\n]", question.id_number)
    about = [*tags, *([f"[qunxue:{settings}]"] if settings else []), *([f"[id:{question.id_number}]"] if held else [])]
    if about:
        yield f"// {' '.join(about)}"
    name = f"::{_escaped(question.name)}::" if question.name.strip() else ""
    general = f"####{_formatted(question.explanation)}" if question.explanation.strip() else ""
    yield f"{name}[markdown]{_escaped(question.text)} {{{answers}{general}}}"
    notes.part("settings", there=settings)
    notes.part("id_number", there=question.id_number and not held)
    notes.part("rubric", there=question.rubric)
    notes.part("combined_feedback", there=question.when_right or question.when_wrong)
    notes.part("pictures", there=question.pictures)
    notes.part("tags", there=any(re.search(r"[\[<>`\n\\]", tag) for tag in question.tags))
    notes.feedback(question, stems=True)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text.strip()).replace("\n", "\\n")


def _formatted(text: str) -> str:
    """A text as Markdown, which is said again where it would be taken for a weight or a format."""
    text = text.strip()
    return f"[markdown]{_escaped(text)}" if text.startswith(_BEGINS) else _escaped(text)


def _feedback(text: str) -> str:
    return f"#{_formatted(text)}" if text.strip() else ""


def _answers(question: Question, notes: Notes) -> str:
    if question.kind == "short_text":
        return ""
    if question.kind == "true_false":
        return _true_or_false(question, notes)
    if question.kind in ("single", "multiple"):
        return _several(_choices(question))
    if question.kind == "matching":
        return _several(_pairs(question))
    if question.kind == "fill_in" and len(question.blanks) > 1:
        raise NotHeld("blanks")
    if question.kind == "fill_in":
        return _blank(question.blanks[0].accepted)
    raise NotHeld("kind")


def _several(lines: Iterable[str]) -> str:
    return "".join(f"\n\t{line}" for line in lines) + "\n"


def _true_or_false(question: Question, notes: Notes) -> str:
    by_key = {one.key: one for one in question.choices}
    right, wrong = sorted(by_key.values(), key=lambda one: -one.weight)
    if wrong.weight:
        raise NotHeld("weights")
    usual = {TRUE: TRUE_TEXT}
    notes.part("texts_of_choices", there=any(one.text != usual.get(one.key, FALSE_TEXT) for one in question.choices))
    told = f"#{_formatted(wrong.feedback)}#{_formatted(right.feedback)}" if right.feedback or wrong.feedback else ""
    return ("TRUE" if right.key == TRUE else "FALSE") + told


def _choices(question: Question) -> Iterator[str]:
    single = question.kind == "single"
    if single and all(one.weight == WHOLE for one in question.choices):
        raise NotHeld("weights")
    for one, weight in zip(question.choices, moodle_weights(question), strict=True):
        paid = f"~%{_percent(weight)}%" if weight else "~"
        sign = "=" if single and weight == WHOLE else paid
        yield f"{sign}{_formatted(one.text)}{_feedback(one.feedback)}"


def _pairs(question: Question) -> Iterator[str]:
    texts = {one.key: one.text.strip() for one in question.choices}
    if len(set(texts.values())) < len(texts):
        raise NotHeld("same_choices")
    for stem in question.stems:
        yield f"={_formatted(stem.text).replace('->', '-&gt;')} -> {_escaped(texts[stem.match])}"
    matched = {stem.match for stem in question.stems}
    for key, text in texts.items():
        if key not in matched:
            yield f"= -> {_escaped(text)}"


def _blank(accepted: tuple[Accepted, ...]) -> str:
    numbers = [one for one in accepted if one.number is not None]
    if not numbers:
        return _several(map(_text, accepted))
    others = [one for one in accepted if one.number is None]
    if any(one.text != "*" or not one.wildcard for one in others):
        raise NotHeld("mixed_blank")
    return "#" + _several(f"={_weight(one)}{_number(one)}{_feedback(one.feedback)}" for one in accepted)


def _text(one: Accepted) -> str:
    said = moodle_text(one)
    if said is None:
        raise NotHeld("wildcard")
    if "->" in said or "->" in one.feedback:
        raise NotHeld("arrow")
    weight = _weight(one) or ("%100%" if said.strip().startswith("%") else "")
    return f"={weight}{'[plain]' if said.strip().startswith('[') else ''}{_escaped(said)}{_feedback(one.feedback)}"


def _number(one: Accepted) -> str:
    if one.number is None:
        return "*"
    return f"{speakable(one.number)}:{speakable(one.tolerance)}" if one.tolerance else speakable(one.number)


def _weight(one: Accepted) -> str:
    return "" if one.weight == WHOLE else f"%{_percent(one.weight)}%"


def _percent(weight: int) -> str:
    return f"{Decimal(weight) / (WHOLE // 100):f}"
