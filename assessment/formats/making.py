"""Questions made of what files say: what the formats share."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any, Final

from assessment.formats.leaving import NotHeld
from assessment.formats.results import Found, Place, Refusal, Refused, part_of
from assessment.formats.wordings import REFUSALS
from assessment.limits import MOST_CHOICES, wrongs
from assessment.questions import FALSE, PARTIALS, TRUE, WHOLE, Accepted, Choice, Question, Stem, letter

TRUE_TEXT, FALSE_TEXT = "对", "错"
"""What the choices of a true/false question say, where a file does not."""
GAP: Final = "____"
MOST_PARTS: Final = 4 * MOST_CHOICES
"""More parts than this are not even looked at one by one."""
LONGEST_QUESTION: Final = 1_000_000
"""Signs of one question in a file, without its pictures."""
MOST_TOLD: Final = 3
"""Faults of one question that its refusal tells."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
_DAMAGED = re.compile("[\ud800-\udfff]")
_DIFFICULTY = re.compile(r"(?:difficulty|难度)\s*[:：]\s*([1-5])", re.IGNORECASE)


def lines_of(text: str) -> list[str]:
    """The lines of a text file, whatever ends them, without signs that nobody sees or means."""
    return _UNWANTED.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")).split("\n")


def refuse_damaged(text: str) -> None:
    """Raises `Refusal` where bytes did not fit the encoding of the file."""
    if _DAMAGED.search(text):
        raise Refusal("wrong_encoding")


def checked(question: Question, place: Place, left_out: Sequence[str] = ()) -> Found | Refused:
    """The question, if it can be asked and graded."""
    found = wrongs(question)
    if not found:
        return Found(question, place, tuple(dict.fromkeys(left_out)))
    told = [(*part_of(one.pointer), *REFUSALS[one.code]) for one in found[:MOST_TOLD]]
    return Refused(
        place,
        found[0].code,
        " ".join(f"{part}: {said}" for part, _, said, _ in told),
        "".join(f"{part}：{said}" for _, part, _, said in told),
        found[0].pointer,
    )


def number_of(text: str) -> Decimal:
    """Raises `Refusal` for what is no number."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise Refusal("not_a_number", {"said": text[:40]})
    return Decimal(text)


def speakable(number: Decimal) -> str:
    """A number so that `number_of` reads it. Raises `NotHeld` for what has more digits."""
    said = str(number)
    if not _NUMBER.fullmatch(said):
        raise NotHeld("number")
    return said


def between(lowest: Decimal, highest: Decimal) -> tuple[Decimal, Decimal]:
    """The number in the middle, and how far it is to both. Raises `Refusal` where the first is the greater one."""
    if lowest > highest:
        raise Refusal("upside_down", {"said": f"{lowest}..{highest}"})
    with localcontext(prec=150):
        return (lowest + highest) / 2, (highest - lowest) / 2


def weight_of(percent: str) -> int:
    """The weight that a percentage says."""
    return int((number_of(percent) * (WHOLE // 100)).to_integral_value())


def choices_of(parts: Iterable[tuple[str, int, str]]) -> tuple[Choice, ...]:
    """Choices with letters for keys, of text, weight and feedback."""
    return tuple(Choice(letter(count), text, weight, feedback) for count, (text, weight, feedback) in enumerate(parts))


def true_or_false(
    right: bool, *, when_true: str = "", when_false: str = "", texts: tuple[str, str] = (TRUE_TEXT, FALSE_TEXT)
) -> tuple[Choice, ...]:
    """The two choices."""
    return (
        Choice(TRUE, texts[0], WHOLE if right else 0, when_true),
        Choice(FALSE, texts[1], 0 if right else WHOLE, when_false),
    )


def pairs_of(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Stems and choices of a matching question: choices that say the same are one, and without a stem one belongs to none."""
    keys: dict[str, str] = {}
    for _, match in pairs:
        keys.setdefault(match, letter(len(keys)))
    stems = [
        Stem(str(count), stem, keys[match])
        for count, (stem, match) in enumerate([pair for pair in pairs if pair[0]], start=1)
    ]
    return {"stems": tuple(stems), "choices": tuple(Choice(key, text) for text, key in keys.items())}


def accepted_text(text: str, weight: int = WHOLE, feedback: str = "") -> Accepted:
    r"""One way to fill a blank as Moodle writes it: `*` stands for anything, `\*` for itself."""
    if re.search(r"(?<!\\)\*", text):
        return Accepted(text, wildcard=True, weight=weight, feedback=feedback)
    return Accepted(text.replace("\\*", "*"), weight=weight, feedback=feedback)


def moodle_text(one: Accepted) -> str | None:
    r"""The other way round; None for a text in which `\*` stands as it is, which Moodle cannot say."""
    if one.wildcard:
        return one.text
    return None if "\\*" in one.text else one.text.replace("*", "\\*")


# --- what other programs do not know --------------------------------------------------------------------------------

_WHOLE_NUMBERS = frozenset(("marks", "deduction", "difficulty"))
SETTINGS: Final = ("marks", "deduction", "partial", "fold_case", "fold_traditional", "shuffle", "difficulty")
"""What only we read in a file, where the format has a place that other programs leave alone."""
_USUAL = Question("single", "")


def settings_of(question: Question, names: Iterable[str] = SETTINGS) -> dict[str, str]:
    """Those that a reader would not suppose by itself; of choices of which several are right, that their weights pay."""
    usual = replace(_USUAL, partial="weights" if question.kind == "multiple" else "usual")
    found: dict[str, str] = {}
    for name in names:
        value = getattr(question, name)
        if value != getattr(usual, name):
            found[name] = ("no", "yes")[value] if isinstance(value, bool) else str(value)
    return found


def settings_from(said: Mapping[str, str]) -> dict[str, Any]:
    """Raises `Refusal` for what is none, or has no such value."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        if name in _WHOLE_NUMBERS and re.fullmatch(r"\d{1,9}", value, re.ASCII):
            found[name] = int(value)
        elif (name == "partial" and value in PARTIALS) or (name in SETTINGS and value in ("no", "yes")):
            found[name] = value if name == "partial" else value == "yes"
        else:
            raise Refusal("setting", {"said": f"{name}={value}"[:60]})
    return found


def paid(kind: str, choices: Sequence[Choice], partial: str) -> tuple[Choice, ...]:
    """The choices with the weights that such a question keeps: only where weights pay do others than the right ones count."""
    if kind != "multiple" or partial == "weights":
        return tuple(choices)
    return tuple(Choice(one.key, one.text, WHOLE if one.right else 0, one.feedback) for one in choices)


def moodle_weights(question: Question) -> list[int]:
    """The weights of the choices as Moodle pays them: of several right ones each its share, and a wrong one takes all."""
    if question.kind != "multiple" or question.partial == "weights":
        return [one.weight for one in question.choices]
    share = WHOLE // max(1, sum(one.right for one in question.choices))
    return [share if one.right else -WHOLE for one in question.choices]


def tags_of(tags: Iterable[str]) -> dict[str, Any]:
    """Tags, and the difficulty that one of them says."""
    kept: list[str] = []
    found: dict[str, Any] = {}
    for tag in dict.fromkeys(" ".join(one.split()) for one in tags):
        if said := _DIFFICULTY.fullmatch(tag):
            found["difficulty"] = int(said.group(1))
        elif tag:
            kept.append(tag)
    return {**found, "tags": tuple(kept)}


def category_of(path: str) -> tuple[str, ...]:
    """The category that Moodle's path names, without where it stands there: `$course$/top/…`. A slash in a name is written twice."""
    parts = [" ".join(part.replace("//", "/").split()) for part in re.split(r"(?<!/)/(?!/)", path)]
    if parts and re.fullmatch(r"\$\w*\$", parts[0]):
        parts = parts[1:]
    if parts and parts[0] == "top":
        parts = parts[1:]
    return tuple(part for part in parts if part)


def moodle_category(category: Sequence[str]) -> str:
    """The other way round."""
    return "/".join(["$course$", "top", *(part.replace("/", "//") for part in category)])


def refusal_of(refusal: Refusal, place: Place) -> Refused:
    """A refusal where it stands: at its own line, if it names one."""
    where = Place(refusal.line, place.row, place.number) if refusal.line else place
    return refusal.at(where)
