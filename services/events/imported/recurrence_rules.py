"""On which dates something recurs (RFC 5545, 3.3.10), by the clock of its place. Pure.

Rules by hours, weeks and days of the year are refused by name: nobody meets by them, and some have no date in ten thousand years.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from chassis.imports.refusals import RowRefused

MOST: Final = 1000
"""Dates of one rule. An office that meets each working day has 520 in two years."""
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_NUMBER = re.compile(r"[+-]?\d{1,9}\Z")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?\Z")
_KNOWN: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_LONGEST: Final = 400
"""Characters of a rule."""
_LAST_YEAR: Final = 9998


class Rule(NamedTuple):
    """A rule. `until` is as it is written; of `days` each has its place in the month or year, 0 for every one."""

    frequency: str
    interval: int = 1
    times: int | None = None
    until: str | None = None
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    week_starts: int = 0


def rule_of(text: str) -> Rule:
    """What a rule says. Raises `RowRefused` for one that is not read here, or is none."""
    if len(text) > _LONGEST:
        raise _invalid(text)
    parts: dict[str, str] = {}
    for part in text.upper().rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise _invalid(part)
        parts[name] = value
    if unknown := sorted(parts.keys() - _KNOWN):
        raise RowRefused("recurrence_unsupported", what=unknown[0][:20])
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise RowRefused("recurrence_unsupported", what=f"FREQ={frequency[:20]}")
    rule = Rule(
        frequency,
        interval=_number(parts, "INTERVAL") or 1,
        times=_number(parts, "COUNT"),
        until=parts.get("UNTIL"),
        days=tuple(dict.fromkeys(_by_day(one) for one in _listed(parts, "BYDAY"))),
        month_days=_numbers(parts, "BYMONTHDAY", 31),
        months=_numbers(parts, "BYMONTH", 12),
        places=_numbers(parts, "BYSETPOS", 366),
        week_starts=_weekday(parts.get("WKST", "MO")),
    )
    if frequency in {"DAILY", "WEEKLY"} and any(place for place, _ in rule.days):
        raise _invalid(parts["BYDAY"])
    if frequency == "WEEKLY" and rule.month_days:
        raise _invalid("BYMONTHDAY")
    if any(month < 1 for month in rule.months) or (rule.until is not None and not _UNTIL.match(rule.until)):
        raise _invalid(text)
    return rule


def dates_of(rule: Rule, start: datetime, *, until: datetime) -> list[datetime]:
    """The dates from the start on, which is the first, up to `until`; all without a zone. Raises `RowRefused` for more than `MOST`."""
    found = list(islice(_dates(rule, start, until), MOST + 1))
    if len(found) > MOST:
        raise RowRefused("too_many_dates", limit=MOST)
    return found


def _dates(rule: Rule, start: datetime, until: datetime) -> Iterator[datetime]:
    yield start
    count = 1
    for days in _periods(rule, start.date(), until.date()):
        for day in _placed(rule, days):
            at = datetime.combine(day, start.time())
            if at <= start:
                continue
            if at > until or (rule.times is not None and count >= rule.times):
                return
            count += 1
            yield at
        if rule.times is not None and count >= rule.times:
            return


def _placed(rule: Rule, days: list[date]) -> list[date]:
    if not rule.places:
        return days
    return sorted({days[place - 1 if place > 0 else place] for place in rule.places if abs(place) <= len(days)})


def _periods(rule: Rule, start: date, until: date) -> Iterator[list[date]]:
    """The days of each period in which the rule is looked at, in their order."""
    match rule.frequency:
        case "DAILY":
            yield from ([day] if _fits(rule, day) else [] for day in _steps(start, until, rule.interval))
        case "WEEKLY":
            monday = start - timedelta(days=(start.weekday() - rule.week_starts) % 7)
            wanted = {weekday for _, weekday in rule.days} or {start.weekday()}
            for first in _steps(monday, until, 7 * rule.interval):
                week = (first + timedelta(days=n) for n in range(7))
                yield [day for day in week if day.weekday() in wanted and _in_months(rule, day)]
        case "MONTHLY":
            month = start.year * 12 + start.month - 1
            while month <= until.year * 12 + until.month - 1:
                year, number = divmod(month, 12)
                yield _of_month(rule, year, number + 1, start) if _wanted(rule, number + 1) else []
                month += rule.interval
        case _:
            for year in range(start.year, until.year + 1, rule.interval):
                yield _of_year(rule, year, start)


def _steps(first: date, until: date, days: int) -> Iterator[date]:
    day = first
    while day <= until:
        yield day
        if day.toordinal() + days > date(_LAST_YEAR, 1, 1).toordinal():
            return
        day += timedelta(days=days)


def _of_month(rule: Rule, year: int, month: int, start: date) -> list[date]:
    length = calendar.monthrange(year, month)[1]
    if rule.month_days:
        numbers = {n if n > 0 else length + 1 + n for n in rule.month_days}
    elif rule.days:
        numbers = set(range(1, length + 1))
    else:
        numbers = {start.day}
    days = [date(year, month, n) for n in sorted(numbers) if 1 <= n <= length]
    return _on_days(rule, days, [date(year, month, n) for n in range(1, length + 1)])


def _of_year(rule: Rule, year: int, start: date) -> list[date]:
    if rule.months or rule.month_days or not rule.days:
        by_days = bool(rule.month_days)
        months = sorted(set(rule.months)) or (list(range(1, 13)) if by_days else [start.month])
        return [day for month in months for day in _of_month(rule, year, month, start)]
    first = date(year, 1, 1)
    every = [first + timedelta(days=n) for n in range(366 if calendar.isleap(year) else 365)]
    return _on_days(rule, every, every)


def _on_days(rule: Rule, days: list[date], of: list[date]) -> list[date]:
    """Those of the days that are on the weekdays of the rule, by their place among all days of the month or year."""
    if not rule.days:
        return days
    wanted: set[date] = set()
    for place, weekday in rule.days:
        same = [day for day in of if day.weekday() == weekday]
        if place == 0:
            wanted.update(same)
        elif abs(place) <= len(same):
            wanted.add(same[place - 1 if place > 0 else place])
    return [day for day in days if day in wanted]


def _fits(rule: Rule, day: date) -> bool:
    length = calendar.monthrange(day.year, day.month)[1]
    by_month_day = not rule.month_days or day.day in rule.month_days or day.day - length - 1 in rule.month_days
    by_weekday = not rule.days or any(weekday == day.weekday() for _, weekday in rule.days)
    return by_month_day and by_weekday and _in_months(rule, day)


def _in_months(rule: Rule, day: date) -> bool:
    return _wanted(rule, day.month)


def _wanted(rule: Rule, month: int) -> bool:
    return not rule.months or month in rule.months


def _listed(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _number(parts: dict[str, str], name: str) -> int | None:
    if name not in parts:
        return None
    if not _NUMBER.match(parts[name]) or int(parts[name]) < 1:
        raise _invalid(f"{name}={parts[name]}")
    return int(parts[name])


def _numbers(parts: dict[str, str], name: str, most: int) -> tuple[int, ...]:
    found = _listed(parts, name)
    if any(not _NUMBER.match(one) or not 1 <= abs(int(one)) <= most for one in found):
        raise _invalid(f"{name}={parts[name]}")
    return tuple(map(int, found))


def _by_day(text: str) -> tuple[int, int]:
    found = _BY_DAY.match(text)
    if found is None or (found[1] is not None and not 1 <= abs(int(found[1])) <= 53):
        raise _invalid(f"BYDAY={text}")
    return int(found[1] or 0), _weekday(found[2])


def _weekday(text: str) -> int:
    if text not in _WEEKDAYS:
        raise _invalid(text)
    return _WEEKDAYS.index(text)


def _invalid(what: str) -> RowRefused:
    return RowRefused("recurrence_invalid", value=what[:60])
