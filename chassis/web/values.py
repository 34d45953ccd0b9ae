"""The types of what comes in, each with its ends: days, moments, months, numbers, names.

Wherever a path, a query or a body takes one, it is one of these: without ends, some day a value comes that the database, the
calendar or a sum cannot hold. A test finds parameters that are not.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from chassis import text
from chassis.bounds import (
    FIRST_YEAR,
    GREATEST_INTEGER,
    GREATEST_SMALL_INTEGER,
    LAST_YEAR,
    LEAST_INTEGER,
    is_day,
    is_moment,
)
from chassis.wrong import Wrong

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}\Z", re.ASCII)


def _out_of_range() -> Wrong:
    return Wrong(
        "out_of_range",
        f"It must be in the years {FIRST_YEAR} to {LAST_YEAR}.",
        f"须在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间。",
    )


def _written_day(value: Any) -> Any:
    # Otherwise 20240105 would be seconds since 1970, and a moment a day.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise Wrong("not_a_day", "A day is written YYYY-MM-DD.", "日期的写法为 YYYY-MM-DD。")
    return value


def _written_moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.match(value):
        raise Wrong(
            "not_a_moment", "A moment is written YYYY-MM-DDThh:mm:ss+hh:mm.", "时间的写法为 YYYY-MM-DDThh:mm:ss+hh:mm。"
        )
    return value


def _bounded_day(value: date) -> date:
    if not is_day(value):
        raise _out_of_range()
    return value


def _bounded_moment(value: datetime) -> datetime:
    if not is_moment(value):
        raise _out_of_range()
    return value.astimezone(UTC)


def _month(value: str) -> str:
    if not _MONTH.match(value) or not 1 <= int(value[5:]) <= 12:
        raise Wrong("not_a_month", "A month is written YYYY-MM.", "月份的写法为 YYYY-MM。")
    if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        raise _out_of_range()
    return value


Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_bounded_day)]
"""A day of the calendar, 1900-01-01 to 2200-12-31."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_bounded_moment)]
"""A moment with an offset, of the years 1900 to 2200; handed on in UTC."""

Month = Annotated[str, AfterValidator(_month), Field(pattern=r"^\d{4}-\d{2}$", examples=["2024-03"])]
"""A month, `YYYY-MM`, of the years 1900 to 2200."""

Integer = Annotated[int, Field(ge=LEAST_INTEGER, le=GREATEST_INTEGER)]
"""Any integer that 64 bits hold."""

Version = Annotated[int, Field(ge=1, le=GREATEST_SMALL_INTEGER)]
"""Which version of a thing, counted from 1."""

OneLine = AfterValidator(text.one_line)
"""For names and titles: white space as one space, nothing harmful, something visible."""

OneLineOrNothing = AfterValidator(lambda line: line and text.one_line(line))
"""For titles that may be empty: nothing, or one line."""

Said = AfterValidator(text.said)
"""For texts of several lines that say something."""
