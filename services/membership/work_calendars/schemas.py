"""Work calendars as they are answered."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel
from services.membership.work_calendars.queries import Year

WorkDayKind = Literal["off", "workday"]


class WorkDayPublic(ResponseModel):
    """A day that was named. Those that are not are workdays from Monday to Friday."""

    date: date
    kind: Annotated[WorkDayKind, Closed("WorkDayKind", WorkDayKind)]
    name: str | None


class WorkCalendarPublic(ResponseModel):
    """The days of a year as far as they are known. Days after `known_until` are decided by the plain week, and again when they are known."""

    country: Annotated[str, Field(description="Two letters, ISO 3166-1.")]
    year: int
    version: Annotated[int, Field(description="Counts the imports that changed the year; 0 is what the release knows.")]
    known_until: date
    imported_at: datetime | None
    days: list[WorkDayPublic]

    @classmethod
    def of(cls, year: Year) -> "WorkCalendarPublic":
        """A year as it is answered, its days in order."""
        return cls(
            country=year.country,
            year=year.year,
            version=year.version,
            known_until=year.known_until,
            imported_at=year.imported_at,
            days=[WorkDayPublic(date=day.date, kind=day.kind, name=day.name) for _, day in sorted(year.days.items())],  # type: ignore[arg-type]
        )
