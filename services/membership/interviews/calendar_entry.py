"""An interview as an entry for a calendar (RFC 5545). Pure.

Taken anew it replaces the entry that is there: the same UID, a greater SEQUENCE. What is cancelled is taken out of calendars that know how.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.ical import document, text, utc
from chassis.locale import Locale

_SUMMARY: Final = {"en": "Interview: {title}", "zh-CN": "面谈：{title}"}


def entry(
    *,
    interview_id: UUID,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str | None,
    sequence: int,
    cancelled: bool,
    written_at: datetime,
    locale: Locale,
) -> bytes:
    """The file; it names nobody, since calendars are shared."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Qunxue//Interviews//EN",
        "METHOD:CANCEL" if cancelled else "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{interview_id}@interviews.qunxue",
        f"DTSTAMP:{utc(written_at)}",
        f"DTSTART:{utc(starts_at)}",
        f"DTEND:{utc(ends_at)}",
        f"SEQUENCE:{sequence}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"SUMMARY:{text(_SUMMARY[locale].format(title=title))}",
    ]
    if place is not None and not cancelled:
        lines.append(f"LOCATION:{text(place)}")
    return document([*lines, "END:VEVENT", "END:VCALENDAR"])
