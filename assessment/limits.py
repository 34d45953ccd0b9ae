"""What a question may be: the largest that is taken, and what is wrong with one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assessment.normalising import says_nothing
from assessment.questions import FALSE, PARTIALS, TRUE, WHOLE, Accepted, Question

LONGEST_TEXT: Final = 8_000
LONGEST_PART: Final = 2_000
LONGEST_QUESTION: Final = 64_000
"""Of all texts of a question together: a paper has hundreds of questions, and a sheet is graded at once."""
MOST_CHOICES: Final = 26
MOST_BLANKS: Final = 20
MOST_ACCEPTED: Final = 20
MOST_MARKS: Final = 100_000
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 100
"""Of a part of the category and of an id number, too."""
DEEPEST_CATEGORY: Final = 10
MOST_PICTURES: Final = 20
LONGEST_ANSWER: Final = 4_000
"""Of a short text; of a blank `LONGEST_PART`."""
MOST_WHOLE_DIGITS: Final = 20
MOST_DECIMALS: Final = 15
DIFFICULTIES: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a question: where (a path such as `/choices/2/text`), and a code of `CODES`."""

    pointer: str
    code: str


CODES: Final[dict[str, tuple[str, str]]] = {
    "required": ("It must not be empty.", "不能为空。"),
    "too_long": ("It is too long.", "内容过长。"),
    "too_long_in_all": (
        f"All texts of the question have more than {LONGEST_QUESTION:,} characters together.",
        f"题目各部分文字合计超过 {LONGEST_QUESTION:,} 个字符。",
    ),
    "too_few": (
        "There are too few: at least two choices and two stems, one blank, and one answer for each blank.",
        "数量不足：选项和待配对项至少两个，填空至少一个，每空至少一个答案。",
    ),
    "too_many": ("There are too many of these.", "数量过多。"),
    "not_this_kind": ("A question of this kind has none of these.", "该题型没有此项。"),
    "not_unique": ("It is there twice.", "重复。"),
    "one_right": ("Exactly one must be right.", "须且只能有一个正确项。"),
    "none_right": ("At least one must be right.", "至少须有一个正确项。"),
    "unknown_key": ("No choice has this key.", "没有该选项。"),
    "not_true_and_false": (
        "The two choices of a true/false question have the keys `true` and `false`.",
        "判断题的两个选项，其 key 须为 `true` 和 `false`。",
    ),
    "out_of_range": ("It is out of range.", "超出范围。"),
}


def wrongs(question: Question) -> list[Wrong]:
    """All that is wrong with it; nothing if it can be asked and graded."""
    return [*_texts(question), *_numbers(question), *_parts(question)]


def _texts(question: Question) -> Iterator[Wrong]:
    if not question.text.strip():
        yield Wrong("/text", "required")
    if sum(map(len, _said(question))) > LONGEST_QUESTION:
        yield Wrong("/text", "too_long_in_all")
    for name in ("text", "explanation", "rubric"):
        if len(getattr(question, name)) > LONGEST_TEXT:
            yield Wrong(f"/{name}", "too_long")
    if len(question.id_number) > LONGEST_TAG:
        yield Wrong("/id_number", "too_long")
    for name in ("name", "when_right", "when_wrong"):
        if len(getattr(question, name)) > LONGEST_PART:
            yield Wrong(f"/{name}", "too_long")
    for place, choice in enumerate(question.choices):
        yield from _part(f"/choices/{place}", choice.text, choice.feedback)
    for place, stem in enumerate(question.stems):
        yield from _part(f"/stems/{place}", stem.text, stem.feedback)
    yield from _words("category", question.category, DEEPEST_CATEGORY)
    yield from _words("tags", question.tags, MOST_TAGS)
    if len(question.pictures) > MOST_PICTURES:
        yield Wrong("/pictures", "too_many")


def _said(question: Question) -> Iterator[str]:
    yield from (
        question.text,
        question.explanation,
        question.rubric,
        question.name,
        question.when_right,
        question.when_wrong,
    )
    for choice in question.choices:
        yield from (choice.text, choice.feedback)
    for stem in question.stems:
        yield from (stem.text, stem.feedback)
    for blank in question.blanks:
        for way in blank.accepted:
            yield from (way.text, way.feedback)


def _part(pointer: str, text: str, feedback: str) -> Iterator[Wrong]:
    if not text.strip():
        yield Wrong(f"{pointer}/text", "required")
    if len(text) > LONGEST_PART:
        yield Wrong(f"{pointer}/text", "too_long")
    if len(feedback) > LONGEST_PART:
        yield Wrong(f"{pointer}/feedback", "too_long")


def _words(name: str, words: tuple[str, ...], most: int) -> Iterator[Wrong]:
    if len(words) > most:
        yield Wrong(f"/{name}", "too_many")
    for place, word in enumerate(words):
        if not word.strip():
            yield Wrong(f"/{name}/{place}", "required")
        elif len(word) > LONGEST_TAG:
            yield Wrong(f"/{name}/{place}", "too_long")


def _numbers(question: Question) -> Iterator[Wrong]:
    if not 0 <= question.marks <= MOST_MARKS:
        yield Wrong("/marks", "out_of_range")
    if not 0 <= question.deduction <= MOST_MARKS:
        yield Wrong("/deduction", "out_of_range")
    if question.difficulty not in DIFFICULTIES:
        yield Wrong("/difficulty", "out_of_range")
    if question.partial not in PARTIALS:
        yield Wrong("/partial", "out_of_range")
    for place, choice in enumerate(question.choices):
        if not -WHOLE <= choice.weight <= WHOLE:
            yield Wrong(f"/choices/{place}/weight", "out_of_range")


def _parts(question: Question) -> Iterator[Wrong]:
    allowed = _ALLOWED[question.kind]
    for name in ("choices", "stems", "blanks"):
        parts = getattr(question, name)
        least, most = allowed.get(name, (0, 0))
        if parts and not most:
            yield Wrong(f"/{name}", "not_this_kind")
        elif len(parts) < least:
            yield Wrong(f"/{name}", "too_few")
        elif len(parts) > most:
            yield Wrong(f"/{name}", "too_many")
    yield from _keys("choices", [one.key for one in question.choices])
    yield from _keys("stems", [one.key for one in question.stems])
    yield from _right(question)


_ALLOWED: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "single": {"choices": (2, MOST_CHOICES)},
    "multiple": {"choices": (2, MOST_CHOICES)},
    "true_false": {"choices": (2, 2)},
    "ordering": {"choices": (2, MOST_CHOICES)},
    "matching": {"choices": (2, MOST_CHOICES), "stems": (2, MOST_CHOICES)},
    "fill_in": {"blanks": (1, MOST_BLANKS)},
    "short_text": {},
}


def _keys(name: str, keys: list[str]) -> Iterator[Wrong]:
    seen = Counter[str]()
    for place, key in enumerate(keys):
        seen[key] += 1
        if not key:
            yield Wrong(f"/{name}/{place}/key", "required")
        elif seen[key] > 1:
            yield Wrong(f"/{name}/{place}/key", "not_unique")


def _right(question: Question) -> Iterator[Wrong]:
    keys = {one.key for one in question.choices}
    if question.kind == "true_false" and keys != {TRUE, FALSE}:
        yield Wrong("/choices", "not_true_and_false")
    whole = [one for one in question.choices if one.weight == WHOLE]
    if question.kind in ("single", "true_false") and not whole:
        yield Wrong("/choices", "none_right")
    if question.kind == "true_false" and len(whole) > 1:
        yield Wrong("/choices", "one_right")
    if question.kind == "multiple" and not any(one.right for one in question.choices):
        yield Wrong("/choices", "none_right")
    for place, stem in enumerate(question.stems):
        if stem.match not in keys:
            yield Wrong(f"/stems/{place}/match", "unknown_key")
    for place, blank in enumerate(question.blanks):
        yield from _blank(f"/blanks/{place}/accepted", blank.accepted)


def _blank(pointer: str, accepted: tuple[Accepted, ...]) -> Iterator[Wrong]:
    if not accepted:
        yield Wrong(pointer, "too_few")
    if len(accepted) > MOST_ACCEPTED:
        yield Wrong(pointer, "too_many")
    if accepted and not any(one.weight == WHOLE for one in accepted):
        yield Wrong(pointer, "none_right")
    for place, one in enumerate(accepted):
        if one.number is None and says_nothing(one.text):
            # Whoever leaves the blank would be right.
            yield Wrong(f"{pointer}/{place}/text", "required")
        if len(one.text) > LONGEST_PART:
            yield Wrong(f"{pointer}/{place}/text", "too_long")
        if len(one.feedback) > LONGEST_PART:
            yield Wrong(f"{pointer}/{place}/feedback", "too_long")
        if not 0 <= one.weight <= WHOLE:
            yield Wrong(f"{pointer}/{place}/weight", "out_of_range")
        if one.number is not None and not _writable(one.number):
            yield Wrong(f"{pointer}/{place}/number", "out_of_range")
        if one.tolerance < 0 or not _writable(one.tolerance):
            yield Wrong(f"{pointer}/{place}/tolerance", "out_of_range")


def _writable(number: Decimal) -> bool:
    """Whether a number has so few digits that it can be written without an exponent."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= MOST_DECIMALS and number.adjusted() < MOST_WHOLE_DIGITS
