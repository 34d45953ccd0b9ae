"""Texts as they are compared in blanks: what people cannot see, or type differently on another keyboard, makes no answer wrong."""

import re
import unicodedata
from decimal import Decimal

from assessment.questions import Accepted
from chassis.hanzi import simplified

_SAME_SIGN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "。": ".", "、": ",", "—": "-", "–": "-", "−": "-", "·": "."}
)  # these are meant
_SOLID = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_INSIDE_CHINESE = re.compile(rf"(?<=[{_SOLID}]) (?=\S)|(?<=\S) (?=[{_SOLID}])")
_NUMBER = re.compile(r"[+-]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII)
MOST_DIGITS = 40
"""Longer ones are no numbers that a person writes."""


def normal(text: str, *, fold_case: bool = True, fold_traditional: bool = True) -> str:
    """The text without what makes no difference.

    Full-width signs are their half-width ones, Chinese stops and quotes the western ones; invisible signs go; blanks beside Chinese characters
    go, and others are one. Case and traditional characters are folded where the question says so.
    """
    text = unicodedata.normalize("NFKC", text).translate(_SAME_SIGN)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    text = _INSIDE_CHINESE.sub("", " ".join(text.split()))
    if fold_traditional:
        text = simplified(text)
    return unicodedata.normalize("NFKC", text.casefold()) if fold_case else text


def says_nothing(text: str) -> bool:
    """Whether nothing of a text is left when it is compared: blanks and signs that nobody sees."""
    return all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in text)


def numbers_of(text: str) -> tuple[Decimal, ...]:
    """The numbers that somebody may mean, in any width, with or without commas between thousands: none if it is no number.

    With a `%` it is that many hundredths, and the number itself, as a question may ask "how many percent".
    """
    text = normal(text).replace(" ", "")
    text, percent = (text[:-1], True) if text.endswith("%") else (text, False)
    if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text):
        return ()
    number = Decimal(text.replace(",", ""))
    return (number, number / 100) if percent else (number,)


def fits(given: str, accepted: Accepted, *, fold_case: bool = True, fold_traditional: bool = True) -> bool:
    """Whether what somebody wrote is this way to fill a blank."""
    if accepted.number is not None:
        return any(abs(number - accepted.number) <= accepted.tolerance for number in numbers_of(given))
    mine = normal(given, fold_case=fold_case, fold_traditional=fold_traditional)
    if not accepted.wildcard:
        return mine == normal(accepted.text, fold_case=fold_case, fold_traditional=fold_traditional)
    parts = [
        normal(part.replace("\\*", "*"), fold_case=fold_case, fold_traditional=fold_traditional)
        for part in re.split(r"(?<!\\)\*", accepted.text)
    ]
    return _in_order(mine, parts)


def _in_order(text: str, parts: list[str]) -> bool:
    """Whether the text begins with the first part, ends with the last, and has the others between them, in their order."""
    if len(parts) == 1:
        return text == parts[0]
    first, *between, last = parts
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in between:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
