"""Numbers as people and spreadsheets write them. Pure.

Python's own reading takes more than people mean by a number: `1_0` is ten, `nan` and `infinity` are numbers, and so are the digits of twenty scripts.
"""

import re
from typing import Final

LARGEST: Final = 1e15
"""Up to here a float keeps whole numbers exactly."""

_HALF_WIDTH = str.maketrans("０１２３４５６７８９，．－＋", "0123456789,.-+")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d{1,3})?|[+-]?\.\d+", re.ASCII)
_COUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0*)?", re.ASCII)


def number_of(text: str) -> float:
    """A number as it is written in either language: thousands may have commas, decimals none. Raises ValueError."""
    written = text.strip().translate(_HALF_WIDTH)
    if _NUMBER.fullmatch(written) is None:
        raise ValueError(text)
    number = float(written.replace(",", ""))
    if abs(number) > LARGEST:
        raise ValueError(text)
    return number


def whole_of(text: str) -> int:
    """How many there are: without a sign, also where a spreadsheet wrote `10.0`. Raises ValueError."""
    if _COUNT.fullmatch(text.strip().translate(_HALF_WIDTH)) is None:
        raise ValueError(text)
    return int(number_of(text))
