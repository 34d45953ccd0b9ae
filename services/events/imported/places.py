"""Which time zone a calendar means: by its name, by what Windows calls it, or by what the file itself says of it. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta, timezone, tzinfo
from typing import Final

from chassis.days import zone_of
from chassis.zones import zone_name
from services.events.imported.parsing import Component

WINDOWS: Final[Mapping[str, str]] = {
    "china standard time": "Asia/Shanghai",
    "taipei standard time": "Asia/Taipei",
    "tokyo standard time": "Asia/Tokyo",
    "korea standard time": "Asia/Seoul",
    "singapore standard time": "Asia/Singapore",
    "se asia standard time": "Asia/Bangkok",
    "india standard time": "Asia/Kolkata",
    "arabian standard time": "Asia/Dubai",
    "arab standard time": "Asia/Riyadh",
    "israel standard time": "Asia/Jerusalem",
    "turkey standard time": "Europe/Istanbul",
    "russian standard time": "Europe/Moscow",
    "gmt standard time": "Europe/London",
    "greenwich standard time": "Africa/Abidjan",
    "w. europe standard time": "Europe/Berlin",
    "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw",
    "romance standard time": "Europe/Paris",
    "e. europe standard time": "Europe/Chisinau",
    "fle standard time": "Europe/Kyiv",
    "gtb standard time": "Europe/Bucharest",
    "egypt standard time": "Africa/Cairo",
    "south africa standard time": "Africa/Johannesburg",
    "e. africa standard time": "Africa/Nairobi",
    "w. central africa standard time": "Africa/Lagos",
    "eastern standard time": "America/New_York",
    "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver",
    "us mountain standard time": "America/Phoenix",
    "pacific standard time": "America/Los_Angeles",
    "alaskan standard time": "America/Anchorage",
    "hawaiian standard time": "Pacific/Honolulu",
    "atlantic standard time": "America/Halifax",
    "e. south america standard time": "America/Sao_Paulo",
    "argentina standard time": "America/Argentina/Buenos_Aires",
    "aus eastern standard time": "Australia/Sydney",
    "e. australia standard time": "Australia/Brisbane",
    "cen. australia standard time": "Australia/Adelaide",
    "w. australia standard time": "Australia/Perth",
    "new zealand standard time": "Pacific/Auckland",
}
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?\Z")
_LONGEST: Final = 200


class Places:
    """The zones of one file."""

    def __init__(self, calendars: Iterable[Component]) -> None:
        self._told = {
            name: offset
            for calendar in calendars
            for part in calendar.parts
            if part.name == "VTIMEZONE"
            and (line := part.first("TZID")) is not None
            and (name := line.value.strip())
            and (offset := _only_offset(part)) is not None
        }

    def zone(self, name: str) -> tuple[tzinfo, str | None] | None:
        """A zone by its name in the file, and what it is called here, None for an offset alone; None where nobody knows it."""
        name = name.strip().strip('"')[:_LONGEST]
        for called in (name, WINDOWS.get(name.lower(), ""), *_endings(name)):
            try:
                return zone_of(zone_name(called)), called
            except (ValueError, KeyError):
                continue
        if name.upper() in {"UTC", "GMT", "ETC/UTC", "Z"}:
            return zone_of("UTC"), "UTC"
        told = self._told.get(name)
        return None if told is None else (told, None)


def _endings(name: str) -> list[str]:
    """`/freeassociation.sourceforge.net/Europe/Berlin` is Europe/Berlin, as some programs write it."""
    parts = name.strip("/").split("/")
    return ["/".join(parts[-count:]) for count in (3, 2) if len(parts) > count]


def _only_offset(part: Component) -> timezone | None:
    """What a zone is before UTC whose clock never changes; a clock that does is known by its name alone."""
    offsets = {line.value.strip() for one in part.parts for line in one.every("TZOFFSETTO")}
    found = _OFFSET.match(offsets.pop()) if len(offsets) == 1 else None
    if found is None:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return timezone(ahead if found[1] == "+" else -ahead) if ahead < timedelta(hours=24) else None
