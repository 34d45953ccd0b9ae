"""Calendars as answers."""

from datetime import datetime

from pydantic import Field

from chassis.web.schemas import ResponseModel


class CalendarPublic(ResponseModel):
    """The caller has a link, which was made for the first time and last renewed then. The link itself is not kept."""

    created_at: datetime
    renewed_at: datetime


class CalendarCreated(CalendarPublic):
    """A new link. It is shown this once: whoever has it reads the calendar."""

    feed_url: str = Field(description="Subscribe to it in a calendar program.")
