"""What a member's calendar says of an activity, and how often that has changed. Pure.

Nobody else is named: no organiser, no attendee, no contact.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from chassis.days import zone_of
from chassis.ical import document, local, parameter, text, utc
from chassis.locale import Locale
from services.events.calendars.zone_rules import time_zone, written_in

PAST: Final = timedelta(days=366)
"""What ended longer ago is in a feed no more."""
AHEAD: Final = timedelta(days=366 * 5)
"""What starts later is not in it yet."""
GIVEN_UP: Final = timedelta(days=30)
"""So long after its end a feed says of an activity that it was cancelled, or a seat given up: until then every program has heard."""
MOST: Final = 2000
"""Dates in a feed: those to come go before those that are over."""
EXCERPT: Final = 500
"""Characters of a description in a feed."""

Part = Literal["seated", "asked_again", "offered", "waiting", "gone", "none"]
"""What an activity is to a reader: `asked_again` has a seat and has not said that they come at the new time; `none` never had one."""

_PARTS: Final[Mapping[str, Part]] = {
    "confirmed": "seated",
    "assigned": "seated",
    "offered": "offered",
    "waitlisted": "waiting",
    "excused": "gone",
    "cancelled": "gone",
    "expired": "gone",
}
_NOTES: Final[Mapping[Part, Mapping[Locale, str]]] = {
    "asked_again": {
        "en": "It was moved. Say whether you still come.",
        "zh-CN": "活动已改期，请确认是否仍参加。",
    },
    "offered": {"en": "You are offered a seat. Accept it in time.", "zh-CN": "您有一个候补名额，请及时确认。"},
    "waiting": {"en": "You are waiting for a seat.", "zh-CN": "您正在候补。"},
}
_SUFFIXES: Final[Mapping[Part, Mapping[Locale, str]]] = {
    "offered": {"en": " (seat offered)", "zh-CN": "（待确认名额）"},
    "waiting": {"en": " (waiting list)", "zh-CN": "（候补）"},
}
_JOIN: Final[Mapping[Locale, str]] = {"en": "Join: ", "zh-CN": "参加："}
_NAMES: Final[Mapping[Locale, str]] = {"en": "Qunxue", "zh-CN": "群学"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity in somebody's calendar. `join_url` is None for who does not read it."""

    uid: str
    sequence: int
    changed_at: datetime
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    status: str
    part: Part
    location: Mapping[str, Any] | None = None
    description: str = ""
    tags: Sequence[str] = ()
    join_url: str | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place, or the reader gave up their seat."""
        return self.status == "cancelled" or self.part == "gone"


def part_of(registration_status: str | None, *, unconfirmed: bool) -> Part:
    """What an activity is to who has this registration."""
    if registration_status is None:
        return "none"
    part = _PARTS[registration_status]
    return "asked_again" if part == "seated" and unconfirmed else part


def reads_how_to_join(part: Part, status: str) -> bool:
    """Who has a seat does, until it is cancelled."""
    return part in {"seated", "asked_again"} and status != "cancelled"


def sequence_of(activity_version: int, registration_messages: int) -> int:
    """How often an entry has changed. Either part only ever grows, and one of them does at each change that a calendar shows."""
    return activity_version + registration_messages


def excerpt(description: str) -> str:
    """The beginning of a description, for a feed."""
    return description if len(description) <= EXCERPT else description[: EXCERPT - 1].rstrip() + "…"


def feed(entries: Sequence[Entry], locale: Locale) -> bytes:
    """A whole calendar, for programs that read it again and again."""
    name = text(_NAMES[locale])
    head = (
        *_BEGIN,
        f"NAME:{name}",
        f"X-WR-CALNAME:{name}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    )
    return document([*head, *_zones(entries), *_events(entries, locale), _END])


def single(entry: Entry, locale: Locale, *, community: str, community_id: str) -> bytes:
    """One activity, for a program that adds it once. What is cancelled is sent as what takes it away again (RFC 5546)."""
    method = ["METHOD:CANCEL"] * entry.cancelled
    organiser = [f"ORGANIZER;CN={parameter(community)}:urn:uuid:{community_id}"] * entry.cancelled
    return document([*_BEGIN, *method, *_zones([entry]), *_event(entry, locale, organiser), _END])


_BEGIN: Final = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qunxue//Calendars//EN", "CALSCALE:GREGORIAN")
_END: Final = "END:VCALENDAR"


def _zones(entries: Iterable[Entry]) -> Iterator[str]:
    years: dict[str, set[int]] = {}
    for one in entries:
        moments = (one.starts_at, one.ends_at)
        if written_in(one.time_zone, moments):
            zone = zone_of(one.time_zone)
            years.setdefault(one.time_zone, set()).update(at.astimezone(zone).year for at in moments)
    for name in sorted(years):
        yield from time_zone(name, frozenset(years[name]))


def _events(entries: Iterable[Entry], locale: Locale) -> Iterator[str]:
    for entry in entries:
        yield from _event(entry, locale)


def _event(entry: Entry, locale: Locale, more: Collection[str] = ()) -> Iterator[str]:
    changed = utc(entry.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    # Without a method both are the same (RFC 5545, 3.8.7.2); what is sent again is the same, byte for byte.
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{entry.sequence}"
    yield from more
    yield f"SUMMARY:{text(entry.title + _SUFFIXES.get(entry.part, _NOTHING)[locale])}"
    yield from _times(entry)
    if entry.cancelled:
        yield "STATUS:CANCELLED"
        yield "TRANSP:TRANSPARENT"
    else:
        yield from _details(entry, locale)
    yield "END:VEVENT"


def _times(entry: Entry) -> Iterator[str]:
    if not written_in(entry.time_zone, (entry.starts_at, entry.ends_at)):
        yield f"DTSTART:{utc(entry.starts_at)}"
        yield f"DTEND:{utc(entry.ends_at)}"
        return
    zone = zone_of(entry.time_zone)
    yield f"DTSTART;TZID={entry.time_zone}:{local(entry.starts_at.astimezone(zone))}"
    yield f"DTEND;TZID={entry.time_zone}:{local(entry.ends_at.astimezone(zone))}"


def _details(entry: Entry, locale: Locale) -> Iterator[str]:
    seated = entry.part == "seated"
    if place := _place(entry.location):
        yield f"LOCATION:{text(place)}"
    said = [
        _NOTES.get(entry.part, _NOTHING)[locale],
        entry.description,
        "" if entry.join_url is None else _JOIN[locale] + entry.join_url,
    ]
    if description := "\n\n".join(filter(None, said)):
        yield f"DESCRIPTION:{text(description)}"
    if entry.tags:
        yield f"CATEGORIES:{','.join(map(text, entry.tags))}"
    if entry.join_url is not None:
        yield f"URL:{entry.join_url}"
        yield f"CONFERENCE;VALUE=URI:{entry.join_url}"
    yield "STATUS:CONFIRMED" if seated or entry.part == "none" else "STATUS:TENTATIVE"
    yield "TRANSP:OPAQUE" if seated or entry.part == "asked_again" else "TRANSP:TRANSPARENT"


_NOTHING: Final[Mapping[Locale, str]] = {"en": "", "zh-CN": ""}


def _place(location: Mapping[str, Any] | None) -> str:
    """What a map finds, and then the room."""
    if location is None:
        return ""
    return ", ".join(part for part in (location["name"], location.get("address"), location.get("room")) if part)
