"""A question that comes again in a file: what the file says otherwise than the bank. Pure.

A format does not hold all of a question. So a question of the bank is taken as a file of that format would say it (`echo_of`): where what comes
says the same, the question keeps what it had.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from assessment.formats import (
    Found,
    Read,
    read_gift,
    read_moodle_xml,
    read_table,
    write_gift,
    write_moodle_xml,
    write_table,
)
from assessment.questions import Choice, Question, Stem, letter
from services.events.question_banks.rules import renamed

Part = TypeVar("Part", Choice, Stem)

_PLAIN: Final = tuple(
    name
    for name in Question.__dataclass_fields__
    if name not in ("kind", "choices", "stems", "blanks", "id_number", "pictures")
)


def echo_of(question: Question, form: str) -> Question | None:
    """The question as it would come back from a file of this format; None if it would not."""
    return next((renamed(one.question) for one in _again(question, form) if isinstance(one, Found)), None)


def _again(question: Question, form: str) -> Iterable[Read]:
    match form:
        case "gift":
            return read_gift(write_gift([question]).text)
        case "moodle_xml":
            return read_moodle_xml(write_moodle_xml([question]).text.encode())
        case "table":
            return read_table(enumerate(write_table([question]).rows, start=1))
    return ()


def corrected(said: Question, before: Question, echo: Question | None, *, choices: int, stems: int) -> Question:
    """The question of the bank with what a file says otherwise; `choices` and `stems` are how many of each were ever named.

    A part keeps its key by what it says, else by its place if there are as many as before; any other has a key that none had before.
    """
    if echo is not None and (said.choices, said.stems) == (echo.choices, echo.stems):
        parts: tuple[tuple[Choice, ...], tuple[Stem, ...]] = (before.choices, before.stems)
    else:
        new_choices, keys = _choices(said, before, echo, choices)
        parts = (new_choices, _stems(said, before, echo, keys, stems))
    plain = {
        name: getattr(said if echo is None or getattr(said, name) != getattr(echo, name) else before, name)
        for name in _PLAIN
    }
    return Question(
        kind=before.kind,
        choices=parts[0],
        stems=parts[1],
        blanks=before.blanks if echo is not None and said.blanks == echo.blanks else said.blanks,
        **plain,
    )


def _choices(
    said: Question, before: Question, echo: Question | None, used: int
) -> tuple[tuple[Choice, ...], dict[str, str]]:
    """The choices, and by the key that one has in the file the one that it has here."""
    heard = _heard(before.choices, echo.choices if echo is not None else (), by_place=before.kind != "matching")
    if before.kind == "true_false":
        by_key = {one.key: one for one in before.choices}
        known = [by_key.get(one.key) for one in said.choices]
        heard = {one.key: one for one in echo.choices} if echo is not None else {}
    else:
        known = _known(said.choices, before.choices, heard, by_place=before.kind != "matching")
    found: list[Choice] = []
    for one, old in zip(said.choices, known, strict=True):
        if old is None:
            used += 1
            found.append(replace(one, key=letter(used - 1)))
            continue
        was = heard.get(old.key)
        found.append(
            Choice(
                old.key,
                old.text if was is not None and one.text == was.text else one.text,
                old.weight if was is not None and one.weight == was.weight else one.weight,
                old.feedback if was is not None and one.feedback == was.feedback else one.feedback,
            )
        )
    keys = {one.key: new.key for one, new in zip(said.choices, found, strict=True)}
    if before.kind == "matching":
        # Files have them in the order of their pairs; here each stands where it stood.
        places = {one.key: place for place, one in enumerate(before.choices)}
        found.sort(key=lambda one: places.get(one.key, len(places)))
    return tuple(found), keys


def _stems(
    said: Question, before: Question, echo: Question | None, keys: dict[str, str], used: int
) -> tuple[Stem, ...]:
    heard = _heard(before.stems, echo.stems if echo is not None else (), by_place=True)
    found: list[Stem] = []
    for one, old in zip(said.stems, _known(said.stems, before.stems, heard, by_place=True), strict=True):
        if old is None:
            used += 1
            found.append(replace(one, key=str(used), match=keys[one.match]))
            continue
        was = heard.get(old.key)
        feedback = old.feedback if was is not None and one.feedback == was.feedback else one.feedback
        text = old.text if was is not None and one.text == was.text else one.text
        found.append(Stem(old.key, text, keys[one.match], feedback))
    return tuple(found)


def _known(
    said: Sequence[Part], before: Sequence[Part], heard: Mapping[str, Part], *, by_place: bool
) -> list[Part | None]:
    """For each part of a file the one of the bank that it is; `heard`: by key what a file of the format says of each."""
    by_text: dict[str, deque[Part]] = {}
    for one in before:
        by_text.setdefault(heard.get(one.key, one).text.strip(), deque()).append(one)
    found = [some.popleft() if (some := by_text.get(one.text.strip())) else None for one in said]
    if by_place and len(said) == len(before):
        left = {one.key for some in by_text.values() for one in some}
        found = [one or (old if old.key in left else None) for one, old in zip(found, before, strict=True)]
    return found


def _heard(before: Sequence[Part], echo: Sequence[Part], *, by_place: bool) -> dict[str, Part]:
    """By key what a file of the format says of each part."""
    known = _known(echo, before, {}, by_place=by_place)
    return {old.key: one for one, old in zip(echo, known, strict=True) if old is not None}
