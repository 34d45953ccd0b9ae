"""Times as people and spreadsheets write them into attendance lists. Pure.

A list says `2024-03-01 09:05`, `3月1日 上午9:05`, `9点05分`, `14:05`, `2:05 PM`, or the number that a spreadsheet keeps instead,
such as `45352.378472`. What a cell leaves out is what its activity says: the year, the day, the zone.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from chassis.bounds import is_moment
from chassis.days import local_day, moment_at
from chassis.imports.refusals import RowRefused

_ZONED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ].*(?:Z|[+-]\d{2}:?\d{2})\Z")
_WEEKDAY = re.compile(r"\(?(?:星期|礼拜|周)[一二三四五六日天]\)?")
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})(?:日|(?!\d))")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?\Z")
_HOURS = re.compile(r"(\d{1,2})(?::|时|点)(半|整)?(?:(\d{1,2})(?:分|:|\Z))?(?:(\d{1,2})(?:\.\d{1,6})?秒?)?\Z")
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{1,25})?(?:[eE]-\d{1,3})?\Z|\d(?:\.\d{1,25})?[eE][+-]\d{1,3}\Z")
_BEFORE_NOON: Final = frozenset({"上午", "早上", "早晨", "清晨", "凌晨", "am", "a.m."})
_AFTER_NOON: Final = frozenset({"下午", "午后", "傍晚", "晚上", "夜间", "pm", "p.m."})
_HALVES = re.compile("|".join(map(re.escape, sorted(_BEFORE_NOON | _AFTER_NOON | {"中午"}))))
_NIGHT: Final = frozenset({"傍晚", "晚上", "夜间"})
_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_000)
"""The days from 1954 to 2119 as a spreadsheet numbers them."""
_SECONDS_A_DAY: Final = 24 * 60 * 60


class Written(NamedTuple):
    """What a cell says of a time. `moment` where it says all; else the parts that it says."""

    moment: datetime | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    at: time | None = None


class Span(NamedTuple):
    """When an activity takes place, where; the moments of its list are not far from it."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str


FAR: Final = timedelta(hours=3)
"""What is so long before the start or after the end is a mistake in the list."""


def written_time(field: str, cell: str) -> Written:
    """What a cell of a list says. Raises `RowRefused` for what is no time."""
    text = unicodedata.normalize("NFKC", cell).strip().lower().replace("t", "T").replace("z", "Z")
    try:
        found = _number(text) if _NUMBER.match(text) else _moment(text) or _compact(text) or _parts(text)
    except ValueError:
        found = None
    if found is None:
        raise RowRefused("not_a_time", field=field, value=cell.strip()[:40])
    return found


def moment_of(field: str, written: Written, span: Span) -> datetime | None:
    """The moment that is meant, at this activity; None where a cell says only that it was on one of its days.

    Raises `RowRefused` for what is far from the activity, and for what may be several of its days.
    """
    if written.moment is not None:
        return _near(field, written.moment, span)
    days = [one for one in _days_of(span) if _is_on(one, written)]
    if not days:
        raise RowRefused("outside", field=field)
    if written.at is None:
        began, ended = (local_day(moment, time_zone=span.time_zone) for moment in (span.starts_at, span.ends_at))
        if not began <= days[0] <= ended:
            raise RowRefused("outside", field=field)
        return None if began == ended else max(_local(days[0], time(), span), span.starts_at)
    near = {one for one in (_local(day, written.at, span) for day in days) if _is_near(one, span)}
    if len(near) > 1:
        raise RowRefused("which_day", field=field)
    if not near:
        raise RowRefused("outside", field=field)
    return near.pop()


def _near(field: str, moment: datetime, span: Span) -> datetime:
    if not _is_near(moment, span):
        raise RowRefused("outside", field=field)
    return moment


def _is_near(moment: datetime, span: Span) -> bool:
    return span.starts_at - FAR <= moment <= span.ends_at + FAR


def _days_of(span: Span) -> Iterator[date]:
    """The days on which somebody may come or go, where it is."""
    day = local_day(span.starts_at - FAR, time_zone=span.time_zone)
    last = local_day(span.ends_at + FAR, time_zone=span.time_zone)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _is_on(day: date, written: Written) -> bool:
    pairs = ((written.year, day.year), (written.month, day.month), (written.day, day.day))
    return all(said is None or said == is_ for said, is_ in pairs)


def _local(day: date, at: time, span: Span) -> datetime:
    return moment_at(day, at, time_zone=span.time_zone)


def _moment(text: str) -> Written | None:
    """With an offset: nothing is left to guess."""
    if not _ZONED.match(text):
        return None
    moment = datetime.fromisoformat(text)
    if not is_moment(moment):
        raise ValueError(text)
    return Written(moment=moment.astimezone(UTC))


def _number(text: str) -> Written | None:
    """A spreadsheet's own: days since 1899, and the part of the day."""
    number = float(text)
    days, seconds = divmod(round(number * _SECONDS_A_DAY), _SECONDS_A_DAY)
    at = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if number < 1 and "." in text:
        return Written(at=at) if days == 0 else None
    if days not in _SERIALS:
        return None
    return _on(_EPOCH + timedelta(days=days), at if "." in text else None)


def _compact(text: str) -> Written | None:
    found = _COMPACT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    at = None if hour is None else time(hour, minute or 0, second or 0)
    return _on(date(year or 0, month or 0, day or 0), at)


def _parts(text: str) -> Written | None:
    """A day, a time, or both, with what stands between them."""
    text = _WEEKDAY.sub(" ", text.replace("T", " ") if text[:1].isdecimal() else text)
    year = month = day = None
    found = _DAY.match(text)
    if found is not None:
        year, month, day = (int(part) if part else None for part in found.groups())
        date(year or 2000, month or 0, day or 0)  # 2000 is a leap year
        text = text[found.end() :]
    halves = _HALVES.findall(text)
    rest = "".join(_HALVES.sub(" ", text).split())
    if len(halves) > 1 or (halves and not rest):
        return None
    if not rest:
        return Written(None, year, month, day) if found is not None else None
    at = _time(rest, halves[0] if halves else None)
    return None if at is None else Written(None, year, month, day, at)


def _time(text: str, half: str | None) -> time | None:
    found = _HOURS.match(text)
    if found is None or (":" in text and found.group(3) is None):
        return None
    word, minutes, seconds = found.group(2), found.group(3), found.group(4)
    if word is not None and minutes is not None:
        return None
    hour = int(found.group(1))
    if half is not None:
        if half in _NIGHT and hour == 12:
            return None  # midnight, but of which day
        hour = _hour(hour, half)
    return time(hour, 30 if word == "半" else int(minutes or 0), int(seconds or 0))


def _hour(hour: int, half: str) -> int:
    if half in _BEFORE_NOON:
        return 0 if hour == 12 else hour
    if half == "中午" and hour in {10, 11}:
        return hour
    return hour + 12 if hour < 12 else hour


def _on(day: date, at: time | None) -> Written:
    return Written(None, day.year, day.month, day.day, at)
