"""The table of work calendars. Rows are only inserted: the greatest version of a year holds."""

from datetime import date, datetime

from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.membership.base import Base


class WorkCalendarVersion(Base, table=True):
    """What one import made of a year: the days that were named, each `{date, kind, name}`, in order.

    Of two imports at once that make the same version of a year one is tried again.
    """

    __tablename__ = "work_calendars"

    country: str = Field(primary_key=True, max_length=2)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    known_until: date
    days: list[dict[str, str | None]] = Field(sa_type=JsonDocument)
    imported_at: datetime
    imported_by: str = Field(max_length=64)
