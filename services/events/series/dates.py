"""What a date of a series is: its fields by those of the series, its times by its day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from services.events.activities.models import Activity
from services.events.series.models import Series
from services.events.series.rules import placed, so_long_before

BEFORE: Final[Mapping[str, str]] = {
    "registration_opens_at": "registration_opens_before",
    "registration_closes_at": "registration_closes_before",
    "cancel_until": "cancel_before",
}
"""What a date has as a moment, and the series as minutes before each start."""


def new_dates(series: Series, days: Sequence[date], now: datetime) -> list[Activity]:
    """Dates of a series that are not there yet, as drafts, for these days; counts them."""
    made = []
    for day in days:
        series.dates += 1
        times = placed(day, series.at, series.minutes, series.time_zone)
        made.append(
            Activity(
                **values_of(series, times[0]),
                starts_at=times[0],
                ends_at=times[1],
                time_zone=series.time_zone,
                community_id=series.community_id,
                kind=series.kind,
                organiser_ids=list(series.organiser_ids),
                series_id=series.id,
                series_no=series.dates,
                series_on=day,
                created_by_id=series.created_by_id,
                created_at=now,
            )
        )
    return made


def values_of(series: Series, starts_at: datetime) -> dict[str, Any]:
    """What a date that begins then has by its series, but for when and where the clock is."""
    values = {name: value for name, value in series.shared.items() if name not in BEFORE.values()}
    return values | {moment: so_long_before(starts_at, series.shared.get(before)) for moment, before in BEFORE.items()}
