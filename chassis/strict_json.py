"""The one gate for JSON from outside: bodies, rows of files, data of messages, schemas that operators wrote.

Parsers differ in what they make of the corners of the format (a name given twice, a number beyond 64 bits, half of a surrogate
pair, NaN), and databases in what they then refuse. So what any of them could take for something else does not come in at all.
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from chassis.bounds import GREATEST_INTEGER, LEAST_INTEGER

MAX_DEPTH = 64

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# NUL and halves of surrogate pairs cannot stand in UTF-8 as such, only written as escapes.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_HALF = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 20
# Integers of up to 18 digits need no looking at.
_MANY_DIGITS = b"0" * 19
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")


@dataclass(eq=False)
class JsonRefused(ValueError):
    """Why a text is not let in; `code` is stable: not_utf8, json_invalid, too_deep, duplicate_key, number_out_of_range, nul_character, half_character."""

    code: str
    detail: str

    def __str__(self) -> str:
        return self.detail


def parse(content: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value that a text stands for. Raises JsonRefused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise JsonRefused("not_utf8", f"byte {wrong.start} is not UTF-8") from None
    # Each check is made where the bytes give any reason for it: nearly all bodies are small, flat and plain.
    if content.count(b"[") + content.count(b"{") > max_depth:
        _check_depth(content, max_depth)
    decoder = _WITH_LONG_NUMBERS if _MANY_DIGITS in content.translate(_DIGITS_AS_ZEROS) else _DECODER
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as wrong:
        raise JsonRefused("json_invalid", f"{wrong.msg} at character {wrong.pos}") from None
    if b"\\u" in content and _SUSPECT_ESCAPE.search(content):
        _check_texts(value)
    return value


def _check_depth(content: bytes, max_depth: int) -> None:
    """Before parsing: every parser has a depth of its own at which it gives up, and not all do so gracefully."""
    depth = 0
    for bracket in _STRING.sub(b"", content).translate(None, delete=_NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            raise JsonRefused("too_deep", f"nested deeper than {max_depth} levels")


def _check_texts(value: Any) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise JsonRefused("nul_character", "U+0000 is not accepted")
            if _HALF.search(one):
                raise JsonRefused("half_character", "half of a surrogate pair is not accepted")
        elif isinstance(one, dict):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonRefused("duplicate_key", "an object has the same name twice")
    return found


def _integer(text: str) -> int:
    if len(text) <= _LONGEST_INTEGER:
        number = int(text)
        if LEAST_INTEGER <= number <= GREATEST_INTEGER:
            return number
    raise JsonRefused("number_out_of_range", "an integer does not fit into 64 bits")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonRefused("number_out_of_range", "a number is beyond what can be counted with")
    return number


def _no_number(name: str) -> NoReturn:
    raise JsonRefused("json_invalid", f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_number)
_WITH_LONG_NUMBERS = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_number, parse_int=_integer
)
