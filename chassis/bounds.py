"""Between which ends days, moments and numbers lie, wherever one comes in: path, query, body, cell or header.

Every clock, calendar and database of the product can count a few centuries beyond these ends, so that adding a time zone, a
week or a year to what was accepted never overflows.
"""

from datetime import UTC, date, datetime
from typing import Final

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
FIRST_DAY: Final = date(FIRST_YEAR, 1, 1)
LAST_DAY: Final = date(LAST_YEAR, 12, 31)
FIRST_MOMENT: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(LAST_YEAR, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
# What a `bigint` column holds.
LEAST_INTEGER: Final = -(2**63)
GREATEST_INTEGER: Final = 2**63 - 1
# What an `integer` column holds: positions, versions, counts.
GREATEST_SMALL_INTEGER: Final = 2**31 - 1
# Beyond it JSON's numbers are not exact, nor kept by every database.
LARGEST_NUMBER: Final = 2**53


def is_day(day: date) -> bool:
    """Whether a day lies within the product's calendar."""
    return FIRST_DAY <= day <= LAST_DAY


def is_moment(moment: datetime) -> bool:
    """Whether a moment, aware of its zone, lies within the product's calendar."""
    try:
        return FIRST_MOMENT <= moment <= LAST_MOMENT
    except OverflowError:
        # With its offset, the moment is outside Python's range.
        return False
