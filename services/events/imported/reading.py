"""From a calendar's events to the documents that a list of activities would have, a document for each date. Pure."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any, Final, NamedTuple

from chassis import budget
from chassis.bounds import FIRST_YEAR, LAST_YEAR, is_moment
from chassis.days import zone_of
from chassis.imports.refusals import RowRefused
from chassis.tabular import CellError, Document
from services.events.imported.parsing import Component, Line, components, decoded, text_of, texts_of
from services.events.imported.places import Places
from services.events.imported.recurrence_rules import MOST, Rule, dates_of, rule_of

CALENDAR_TYPE: Final = "text/calendar"
AHEAD: Final = timedelta(days=731)
"""A rule without an end is followed for so long from when the file was sent."""
_DATE = re.compile(r"\d{8}\Z")
_TIME = re.compile(r"(\d{8})T(\d{6})(Z?)\Z")
_DURATION = re.compile(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?\Z")
_PRIVATE: Final = frozenset({"PRIVATE", "CONFIDENTIAL"})
_UNSUPPORTED: Final = ("EXRULE",)
_DAY: Final = timedelta(days=1)
MANY_TAGS: Final = 1001
"""So many take more characters than their column has."""
MOST_IN_ALL: Final = 20_000
"""Of one file: each date is a row of its own, with all that its event says."""
MOST_RULES: Final = 10
"""Rules of one event: the standard means there to be one, and each is followed by itself."""
_LONGEST: Final = 20_000
"""Characters of a text that any column takes. What is longer is refused all the same, and is not carried to each date."""


class Moment(NamedTuple):
    """A date or a time as it is written: without a zone, and the zone that is meant; `whole`: a day."""

    local: datetime
    zone: tzinfo
    name: str | None
    whole: bool

    def utc(self, local: datetime | None = None) -> datetime:
        """The moment, or that which the same clock shows at another time."""
        return (local or self.local).replace(tzinfo=self.zone).astimezone(UTC)


def documents(content: bytes, zone: tzinfo | None, sent_at: datetime) -> Callable[[], Iterator[Document]]:
    """The dates of a calendar; times without a zone are in `zone`. Raises `TABLE_INVALID` for what is no calendar."""
    found = components(decoded(content))
    calendars = [part for part in found if part.name == "VCALENDAR"]
    events = [part for one in calendars for part in one.parts if part.name == "VEVENT"]
    events += [part for part in found if part.name == "VEVENT"]
    reader = _Reader(events, Places(calendars), zone or zone_of("UTC"), sent_at)
    return reader.documents


class _Reader:
    def __init__(self, events: list[Component], places: Places, zone: tzinfo, sent_at: datetime) -> None:
        self._places, self._zone, self._until = places, zone, sent_at + AHEAD
        self._events: dict[tuple[str, str], Component] = {}
        self._instead: dict[str, list[Component]] = {}
        for event in events:
            uid = _uid(event)
            key = (uid, _value(event, "RECURRENCE-ID"))
            # Of what stands there twice, the later version counts.
            if key not in self._events or _sequence(self._events[key]) <= _sequence(event):
                self._events[key] = event
        for (uid, instead), event in self._events.items():
            if instead:
                self._instead.setdefault(uid, []).append(event)

    def documents(self) -> Iterator[Document]:
        left = MOST_IN_ALL
        for (uid, _), event in self._events.items():
            line = [event.number]
            try:
                dates = list(islice(self._dates(uid, event, line), left + 1))
                if len(dates) > left:
                    raise RowRefused("file_has_too_many_dates", limit=MOST_IN_ALL)
                left -= len(dates)
                yield from dates
            except RowRefused as refused:
                yield line[0], CellError(refused.code, dict(refused.values))

    def _dates(self, uid: str, event: Component, line: list[int]) -> Iterator[Document]:
        """The dates of one event. `line` says where what is being read stands, for who is told that it cannot be."""
        if event.broken is not None:
            line[0] = event.broken
            raise RowRefused("broken_line")
        for name in _UNSUPPORTED:
            if (found := event.first(name)) is not None:
                line[0] = found.number
                raise RowRefused("recurrence_unsupported", what=name)
        if _value(event, "CLASS").upper() in _PRIVATE:
            raise RowRefused("private")
        start = self._moment(event, "DTSTART", line)
        if start is None:
            raise RowRefused("no_start")
        lasts = self._length(event, start, line)
        line[0] = event.number
        fields = _fields(event)
        instead = event.first("RECURRENCE-ID")
        if instead is not None:
            line[0] = instead.number
            if "RANGE" in instead.parameters:
                raise RowRefused("recurrence_unsupported", what="RANGE")
            replaced = self._read(instead, instead.value)
            line[0] = event.number
            yield event.number, _document(fields, f"{uid}/{_stamp(replaced)}", start, start.local, lasts)
            return
        rules, extra = event.every("RRULE"), event.every("RDATE")
        if not rules and not extra:
            yield event.number, _document(fields, uid, start, start.local, lasts)
            return
        for local in self._recurring(uid, event, start, rules, extra, line):
            yield event.number, _document(fields, f"{uid}/{_stamp(start, local)}", start, local, lasts)

    def _recurring(
        self, uid: str, event: Component, start: Moment, rules: list[Line], extra: list[Line], line: list[int]
    ) -> list[datetime]:
        until = self._until.astimezone(start.zone).replace(tzinfo=None)
        found = {start.local}
        if len(rules) > MOST_RULES:
            line[0] = rules[MOST_RULES].number
            raise RowRefused("recurrence_unsupported", what=f"{len(rules)} × RRULE")
        for rule in rules:
            budget.check()
            line[0] = rule.number
            said = rule_of(rule.value.strip())
            end = self._end(said, start)
            found.update(dates_of(said, start.local, until=until if end is None else min(until, end)))
        for one in extra:
            line[0] = one.number
            if one.parameters.get("VALUE", "").upper() == "PERIOD":
                raise RowRefused("recurrence_unsupported", what="RDATE;VALUE=PERIOD")
            found.update(self._locals(one, start))
        for one in event.every("EXDATE"):
            line[0] = one.number
            found.difference_update(self._locals(one, start))
        for other in self._instead.get(uid, ()):
            if (named := other.first("RECURRENCE-ID")) is not None:
                line[0] = named.number
                found.difference_update(self._locals(named, start))
        line[0] = event.number
        if len(found) > MOST:
            raise RowRefused("too_many_dates", limit=MOST)
        return sorted(found)

    def _end(self, rule: Rule, start: Moment) -> datetime | None:
        if rule.until is None:
            return None
        day, _, at = rule.until.partition("T")
        if int(day[:4]) > LAST_YEAR:
            # Some programs mean by it that there is no end.
            return None
        if not at:
            return datetime.combine(_day(day), time.max)
        local = _clock(day, at.rstrip("Z"))
        return local.replace(tzinfo=UTC).astimezone(start.zone).replace(tzinfo=None) if at.endswith("Z") else local

    def _locals(self, line: Line, start: Moment) -> list[datetime]:
        """The dates that a property names, by the clock of the start."""
        found = []
        for value in line.value.split(","):
            budget.check()
            one = self._read(line, value)
            if one.whole != start.whole:
                # Of a day that is named as such the time is that of the start.
                found.append(datetime.combine(one.local.date(), start.local.time()))
            else:
                found.append(one.utc().astimezone(start.zone).replace(tzinfo=None))
        return found

    def _length(self, event: Component, start: Moment, line: list[int]) -> timedelta:
        end = self._moment(event, "DTEND", line)
        if end is not None:
            return end.utc() - start.utc()
        duration = event.first("DURATION")
        if duration is not None:
            line[0] = duration.number
            return _duration(duration.value.strip())
        if start.whole:
            return _DAY
        line[0] = event.number
        raise RowRefused("no_end")

    def _moment(self, event: Component, name: str, line: list[int]) -> Moment | None:
        found = event.first(name)
        if found is None:
            return None
        line[0] = found.number
        return self._read(found, found.value)

    def _read(self, line: Line, value: str) -> Moment:
        value = value.strip()
        if _DATE.match(value):
            zone, name = self._zone, str(self._zone)
            return Moment(datetime.combine(_day(value), time()), zone, name, whole=True)
        found = _TIME.match(value)
        if found is None:
            raise RowRefused("not_a_moment", value=value[:40])
        local = _clock(found[1], found[2])
        if found[3]:
            return Moment(local, UTC, None, whole=False)
        if "TZID" not in line.parameters:
            return Moment(local, self._zone, str(self._zone), whole=False)
        there = self._places.zone(line.parameters["TZID"])
        if there is None:
            raise RowRefused("unknown_time_zone", value=line.parameters["TZID"][:60])
        return Moment(local, there[0], there[1], whole=False)


def _document(fields: dict[str, Any], ref: str, start: Moment, local: datetime, lasts: timedelta) -> dict[str, Any]:
    begins = start.utc(local)
    if start.whole:
        # A day is as long as its clock makes it.
        ends = (
            (local + lasts).replace(tzinfo=start.zone).astimezone(UTC)
            if lasts % _DAY == timedelta()
            else begins + lasts
        )
    else:
        ends = begins + lasts
    if not is_moment(begins) or not is_moment(ends):
        raise RowRefused("not_a_moment", value=local.isoformat(" "))
    times = {"starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
    return fields | times | {"source_ref": ref} | ({"time_zone": start.name} if start.name else {})


def _fields(event: Component) -> dict[str, Any]:
    """What is the same on every date."""
    url = next((value for name in ("CONFERENCE", "URL") if (value := _value(event, name)).startswith("https://")), "")
    organiser = event.first("ORGANIZER")
    said = {
        "title": _text(event, "SUMMARY"),
        "description": _text(event, "DESCRIPTION"),
        "location": _text(event, "LOCATION"),
        "join_url": url[: _LONGEST + 1],
        "tags": _tags(event),
        "status": "cancelled" if _value(event, "STATUS").upper() == "CANCELLED" else "announced",
        "organizer": _number_of(organiser) if organiser is not None else "",
    }
    return {name: value for name, value in said.items() if value} | {"sequence": str(_sequence(event))}


def _number_of(organiser: Line) -> str:
    """What may be an employee number: the part of the address before the @, as many companies have it."""
    return organiser.value.strip().lower().removeprefix("mailto:").partition("@")[0][:64]


def _uid(event: Component) -> str:
    """What it is known by, also in the next file. Without one, its title and its start are all that there is."""
    said = _value(event, "UID")[:300]
    return said or f"{_value(event, 'SUMMARY')[:100]}@{_value(event, 'DTSTART')}"


def _value(event: Component, name: str) -> str:
    found = event.first(name)
    return found.value.strip() if found is not None else ""


def _text(event: Component, name: str) -> str:
    found = event.first(name)
    return text_of(found.value)[: _LONGEST + 1] if found is not None else ""


def _tags(event: Component) -> list[str]:
    """Its tags, and no more of them than are too many anyway."""
    tags = (tag for line in event.every("CATEGORIES") for tag in texts_of(line.value) if tag)
    return [tag[: _LONGEST + 1] for tag in islice(tags, MANY_TAGS)]


def _sequence(event: Component) -> int:
    value = _value(event, "SEQUENCE")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0


def _stamp(moment: Moment, local: datetime | None = None) -> str:
    return moment.utc(local).strftime("%Y%m%dT%H%M%SZ")


def _day(value: str) -> date:
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        raise RowRefused("not_a_moment", value=value[:40]) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RowRefused("not_a_moment", value=value[:40])
    return day


def _clock(day: str, at: str) -> datetime:
    try:
        # The second that is put in now and then is told as the one before.
        return datetime.combine(_day(day), time(int(at[:2]), int(at[2:4]), min(int(at[4:6]), 59)))
    except ValueError:
        raise RowRefused("not_a_moment", value=f"{day}T{at}"[:40]) from None


def _duration(value: str) -> timedelta:
    found = _DURATION.match(value)
    if found is None or not any(found.groups()):
        raise RowRefused("not_a_duration", value=value[:40])
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
