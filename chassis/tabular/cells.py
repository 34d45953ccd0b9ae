"""Cells to values: pure conversions, each with the reasons for which it refuses."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chassis.bounds import FIRST_YEAR, LAST_YEAR, is_day, is_moment

# Control characters, and halves of surrogate pairs.
_NO_TEXT = frozenset({"Cc", "Cs"})

CellValue = str | date | datetime | tuple[str, ...] | None

# What spreadsheets make of a long number: always a sign after the E, so an employee number such as 12E45 is not meant.
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE][+-]\d+\Z")
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?\Z")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
# How spreadsheets write a moment into CSV: 2024/1/5, 2024/1/5 9:05.
_LOCAL_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:(?:[ T]+|(?<=日))(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?\Z"
)
_SEPARATOR = re.compile("[,;，；、\n]")
# Bytes that were no text, as the decoder leaves them.
ESCAPED = re.compile("[\udc80-\udcff]")
_TEXT_FORMULA = re.compile(r'="([^"]*)"\Z')
# Doubles hold integers exactly up to here; Excel keeps 15 digits.
_EXACT = 10**15


@dataclass(eq=False)
class CellError(Exception):
    """Why a cell cannot be used; `values` fill the message."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


def clean_text(raw: str) -> str:
    """The text of a cell without surrounding space (full-width included) and without the `="…"` that keeps zeros in CSV."""
    text = raw.strip().strip("\ufeff\u200b").strip().replace("\r\n", "\n")
    formula = _TEXT_FORMULA.match(text)
    return formula.group(1).strip() if formula else text


def text_of(raw: Any, *, code: bool) -> str:
    """A cell as text; for codes (`code=True`) only what is text already and was not rewritten by a spreadsheet."""
    if isinstance(raw, str):
        text = clean_text(raw)
        if code and _SCIENTIFIC.match(text):
            raise CellError("mangled_number", {"value": text})
    elif code and isinstance(raw, (bool, int, float, date, time)):
        raise CellError("number_not_text")
    else:
        text = _number_text(raw)
    if any(unicodedata.category(character) in _NO_TEXT and character not in "\n\r\t" for character in text):
        raise CellError("wrong_encoding" if ESCAPED.search(text) else "not_text")
    return text


def list_of(raw: Any) -> tuple[str, ...]:
    """Several texts: a list, or one text with commas or semicolons between them. Empty ones are left out."""
    parts = raw if isinstance(raw, list) else _SEPARATOR.split(text_of(raw, code=False))
    texts = (text_of(part, code=False) for part in parts)
    return tuple(text for text in texts if text)


def date_of(raw: Any) -> date:
    """A day: a date cell, or 2024-01-31, 2024/1/31, 2024.1.31, 2024年1月31日, 20240131."""
    if isinstance(raw, datetime):
        if (raw.hour, raw.minute, raw.second, raw.microsecond) != (0, 0, 0, 0):
            raise CellError("not_a_date", {"value": raw.isoformat(" ")})
        return _within(raw.date())
    if isinstance(raw, date):
        return _within(raw)
    text = clean_text(str(raw))
    found = _DATE.match(text) or _COMPACT_DATE.match(text)
    if isinstance(raw, str) and found:
        try:
            return _within(date(int(found.group(1)), int(found.group(2)), int(found.group(3))))
        except ValueError:
            pass
    raise CellError("not_a_date", {"value": text[:40]})


def datetime_of(raw: Any, zone: ZoneInfo | None) -> datetime:
    """A moment in UTC: RFC 3339, or a date cell or a text without offset in `zone`; without a zone those are refused.

    A day alone means its midnight.
    """
    moment = raw if isinstance(raw, datetime) else None
    if isinstance(raw, str):
        text = clean_text(raw)
        found = _LOCAL_TIME.match(text)
        try:
            if found:
                year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
                moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes below
            else:
                moment = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            moment = None
    if moment is None:
        raise CellError("not_a_time", {"value": str(raw)[:40]})
    if moment.tzinfo is None:
        if zone is None:
            raise CellError("time_without_zone", {"value": moment.isoformat(" ")})
        moment = moment.replace(tzinfo=zone)
    if not is_moment(moment):
        raise _out_of_range(raw)
    return moment.astimezone(UTC)


def _within(day: date) -> date:
    if not is_day(day):
        raise _out_of_range(day)
    return day


def _out_of_range(value: Any) -> CellError:
    return CellError("out_of_range", {"value": str(value)[:40], "first": FIRST_YEAR, "last": LAST_YEAR})


def is_empty(raw: Any) -> bool:
    """Whether a cell holds nothing but space."""
    return raw is None or (isinstance(raw, str) and clean_text(raw) == "")


def _number_text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int) and abs(raw) < _EXACT:
        return str(raw)
    if isinstance(raw, float) and abs(raw) < _EXACT:
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, datetime):
        midnight = (raw.hour, raw.minute, raw.second) == (0, 0, 0)
        return raw.date().isoformat() if midnight else raw.isoformat(" ")
    if isinstance(raw, (date, time)):
        return raw.isoformat()
    raise CellError("not_text")
