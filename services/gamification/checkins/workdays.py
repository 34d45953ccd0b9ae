"""Which days are workdays: Monday to Friday less public holidays, make-up workdays in."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=1)
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether people work on that day by the public calendar of China, moved workdays (调休) included."""
    return _calendar().is_working_day(day)
