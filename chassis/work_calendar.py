"""The work calendar: which days people work, as far as a government has said so. Data, with the day until which each year is known. Pure.

Nobody can compute the workdays moved in exchange for holidays (调休): the State Council announces those of a year at the end of the
year before. So days beyond what is known are decided by the plain week, Monday to Friday, and are provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ANNOUNCED = (12, 1)
"""From this day of a year on, the calendar of the next one is missing if it is not known."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkYear:
    """The days of a year that differ from the plain week; beyond `known_until` nothing is known yet."""

    known_until: date
    off: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True)
class WorkCalendar:
    """The years of a country of which something is known."""

    country: str
    years: Mapping[int, WorkYear]

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day; of a day that is not known, what the plain week says."""
        year = self._known(day)
        if year is None:
            return is_plain_workday(day)
        return day in year.workdays or (is_plain_workday(day) and day not in year.off)

    def is_known(self, day: date) -> bool:
        """Whether this is more than what the plain week says. Of years before the first nobody will say more than is known."""
        return self._known(day) is not None or day.year < min(self.years, default=day.year)

    def first_unknown(self, after: date, before: date) -> date | None:
        """The first day between two others of which nothing is known yet."""
        day = after + DAY
        while day < before:
            if not self.is_known(day):
                return day
            year = self._known(day)
            day = (year.known_until if year else date(day.year, 12, 31)) + DAY
        return None

    def is_missing(self, today: date) -> bool:
        """Whether next year's days should be known by now, or this year's, and are not."""
        return not self.is_known(date(self.awaited(today), 12, 31))

    def awaited(self, today: date) -> int:
        """The latest year whose days should be known."""
        return today.year + (1 if (today.month, today.day) >= ANNOUNCED else 0)

    def with_years(self, years: Mapping[int, WorkYear]) -> "WorkCalendar":
        """The calendar with what is told of some years in the place of what it knew of them."""
        return WorkCalendar(self.country, {**self.years, **years}) if years else self

    def _known(self, day: date) -> WorkYear | None:
        year = self.years.get(day.year)
        return year if year is not None and day <= year.known_until else None


def is_plain_workday(day: date) -> bool:
    """What the plain week says of a day."""
    return day.weekday() < 5


def _calendar(country: str, years: Mapping[int, tuple[str, str]]) -> WorkCalendar:
    def days(year: int, named: str) -> frozenset[date]:
        return frozenset(date(year, int(day[:2]), int(day[2:])) for day in named.split())

    return WorkCalendar(
        country,
        {year: WorkYear(date(year, 12, 31), days(year, off), days(year, work)) for year, (off, work) in years.items()},
    )


# By year: weekdays off, and days of the weekend that are worked, as month and day.
_CHINA: Mapping[int, tuple[str, str]] = {
    2001: (
        "0101 0124 0125 0126 0129 0130 0501 0502 0503 0504 0507 1001 1002 1003 1004 1005",
        "0120 0121 0428 0429 0929 0930 1229 1230",
    ),
    2002: (
        "0101 0102 0103 0212 0213 0214 0215 0218 0501 0502 0503 0506 0507 1001 1002 1003 1004 1007",
        "0209 0210 0427 0428 0928 0929",
    ),
    2003: (
        "0101 0203 0204 0205 0206 0207 0501 0502 0505 0506 0507 1001 1002 1003 1006 1007",
        "0208 0209 0426 0427 0927 0928",
    ),
    2004: (
        "0101 0122 0123 0126 0127 0128 0503 0504 0505 0506 0507 1001 1004 1005 1006 1007",
        "0117 0118 0508 0509 1009 1010",
    ),
    2005: (
        "0103 0209 0210 0211 0214 0215 0502 0503 0504 0505 0506 1003 1004 1005 1006 1007",
        "0205 0206 0430 0508 1008 1009 1231",
    ),
    2006: (
        "0102 0103 0130 0131 0201 0202 0203 0501 0502 0503 0504 0505 1002 1003 1004 1005 1006",
        "0128 0205 0429 0430 0930 1008 1230 1231",
    ),
    2007: (
        "0101 0102 0103 0219 0220 0221 0222 0223 0501 0502 0503 0504 0507 1001 1002 1003 1004 1005 1231",
        "0217 0225 0428 0429 0929 0930 1229",
    ),
    2008: (
        "0101 0206 0207 0208 0211 0212 0404 0501 0502 0609 0915 0929 0930 1001 1002 1003",
        "0202 0203 0504 0927 0928",
    ),
    2009: (
        "0101 0102 0126 0127 0128 0129 0130 0406 0501 0528 0529 1001 1002 1005 1006 1007 1008",
        "0104 0124 0201 0531 0927 1010",
    ),
    2010: (
        "0101 0215 0216 0217 0218 0219 0405 0503 0614 0615 0616 0922 0923 0924 1001 1004 1005 1006 1007",
        "0220 0221 0612 0613 0919 0925 0926 1009",
    ),
    2011: (
        "0103 0202 0203 0204 0207 0208 0404 0405 0502 0606 0912 1003 1004 1005 1006 1007",
        "0130 0212 0402 1008 1009 1231",
    ),
    2012: (
        "0102 0103 0123 0124 0125 0126 0127 0402 0403 0404 0430 0501 0622 1001 1002 1003 1004 1005",
        "0121 0129 0331 0401 0428 0929",
    ),
    2013: (
        "0101 0102 0103 0211 0212 0213 0214 0215 0404 0405 0429 0430 0501 0610 0611 0612 0919 0920 1001 1002 1003 1004 1007",
        "0105 0106 0216 0217 0407 0427 0428 0608 0609 0922 0929 1012",
    ),
    2014: (
        "0101 0131 0203 0204 0205 0206 0407 0501 0502 0602 0908 1001 1002 1003 1006 1007",
        "0126 0208 0504 0928 1011",
    ),
    2015: (
        "0101 0102 0218 0219 0220 0223 0224 0406 0501 0622 0903 0904 1001 1002 1005 1006 1007",
        "0104 0215 0228 0906 1010",
    ),
    2016: (
        "0101 0208 0209 0210 0211 0212 0404 0502 0609 0610 0915 0916 1003 1004 1005 1006 1007",
        "0206 0214 0612 0918 1008 1009",
    ),
    2017: (
        "0102 0127 0130 0131 0201 0202 0403 0404 0501 0529 0530 1002 1003 1004 1005 1006",
        "0122 0204 0401 0527 0930",
    ),
    2018: (
        "0101 0215 0216 0219 0220 0221 0405 0406 0430 0501 0618 0924 1001 1002 1003 1004 1005 1231",
        "0211 0224 0408 0428 0929 0930 1229",
    ),
    2019: (
        "0101 0204 0205 0206 0207 0208 0405 0501 0502 0503 0607 0913 1001 1002 1003 1004 1007",
        "0202 0203 0428 0505 0929 1012",
    ),
    2020: (
        "0101 0124 0127 0128 0129 0130 0131 0406 0501 0504 0505 0625 0626 1001 1002 1005 1006 1007 1008",
        "0119 0426 0509 0628 0927 1010",
    ),
    2021: (
        "0101 0211 0212 0215 0216 0217 0405 0503 0504 0505 0614 0920 0921 1001 1004 1005 1006 1007",
        "0207 0220 0425 0508 0918 0926 1009",
    ),
    2022: (
        "0103 0131 0201 0202 0203 0204 0404 0405 0502 0503 0504 0603 0912 1003 1004 1005 1006 1007",
        "0129 0130 0402 0424 0507 1008 1009",
    ),
    2023: (
        "0102 0123 0124 0125 0126 0127 0405 0501 0502 0503 0622 0623 0929 1002 1003 1004 1005 1006",
        "0128 0129 0423 0506 0625 1007 1008",
    ),
    2024: (
        "0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 1001 1002 1003 1004 1007",
        "0204 0218 0407 0428 0511 0914 0929 1012",
    ),
    2025: (
        "0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008",
        "0126 0208 0427 0928 1011",
    ),
    2026: (
        "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007",
        "0104 0214 0228 0509 0920 1010",
    ),
}

CHINA = _calendar("CN", _CHINA)
"""By the notices of the State Council. What this release knows; a year that was imported stands in the place of the same here."""
