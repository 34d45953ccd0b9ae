"""What a row says of an activity, and what becomes of one that is there already. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from chassis.addresses import web_address
from chassis.identifiers import identifier_key
from chassis.imports.refusals import RowRefused
from chassis.tabular.numbers import number_of
from chassis.text import comparable, one_line
from chassis.zones import zone_name

AHEAD: Final = timedelta(days=366 * 5)
"""What starts later is a mistake in the year."""
LONGEST: Final = timedelta(days=92)
MOST_TAGS: Final = 10
_LONGEST_TAG: Final = 30
_TIMES: Final = ("starts_at", "ends_at")
_PARTS: Final = ("location", "address", "room")

Outcome = Literal["unchanged", "cancelled", "moved", "updated"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity as a row has it. `values` are its columns that the file has; `named` run it, `hint` may."""

    ref: str
    sequence: int
    digest: str
    status: str
    values: Mapping[str, Any]
    named: tuple[str, ...]
    hint: str | None

    @property
    def numbers(self) -> list[str]:
        """The employee numbers that are looked for."""
        return [*self.named, *([self.hint] if self.hint else [])]

    @property
    def keys(self) -> list[str]:
        """The same, as members are found by them."""
        return [identifier_key(one) for one in self.named]


def entry_of(row: Mapping[str, Any]) -> Entry:
    """What a row says. Raises `RowRefused`."""
    values = {name: row[name] for name in _PLAIN if row.get(name) is not None}
    values |= {name: row[name] for name in _TIMES}
    if values["ends_at"] <= values["starts_at"]:
        raise RowRefused("ends_before_start")
    if values["ends_at"] - values["starts_at"] > LONGEST:
        raise RowRefused("too_long_activity")
    values |= _numbers(row)
    if row.get("tags"):
        values["tags"] = _tags(row["tags"])
    if place := [row[name] for name in _PARTS if row.get(name)]:
        values["location"] = {
            "name": row.get("location") or place[0],
            "address": row.get("address") or "",
            "room": row.get("room") or "",
        }
    values.setdefault("mode", "online" if values.get("join_url") and not place else "offline")
    said = repr(sorted(values.items(), key=lambda one: one[0])) + repr((row.get("status"), row.get("organisers")))
    return Entry(
        ref=row.get("source_ref") or _ref(values),
        sequence=int(row["sequence"]) if row.get("sequence") else 0,
        digest=sha256(said.encode()).hexdigest(),
        status=row.get("status") or "announced",
        values=values,
        named=tuple(row.get("organisers") or ()),
        hint=row.get("organizer") or None,
    )


_PLAIN: Final = ("title", "kind", "mode", "join_url", "description", "category", "time_zone", "contact")


def outcome_of(
    entry: Entry, *, sequence: int, digest: str, status: str, times: tuple[datetime, datetime], now: datetime
) -> Outcome:
    """What becomes of an activity that came from the same source with this sequence and digest. Raises `RowRefused`."""
    if entry.sequence < sequence or entry.digest == digest:
        return "unchanged"
    if entry.status == "cancelled":
        return "cancelled" if status == "announced" else "unchanged"
    if status == "cancelled":
        raise RowRefused("is_cancelled")
    moved = (entry.values["starts_at"], entry.values["ends_at"]) != times
    if moved and status == "completed" and entry.values["ends_at"] > now:
        raise RowRefused("is_over")
    return "moved" if moved and status == "announced" else "updated"


def check_when(entry: Entry, now: datetime) -> None:
    """Refuse what is too far ahead. Raises `RowRefused`."""
    if entry.values["starts_at"] > now + AHEAD:
        raise RowRefused("too_far")


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if row.get("hours"):
        hours = _number("invalid_hours", row["hours"])
        if not 0 <= hours <= 1000 or hours * 4 % 1:
            raise RowRefused("invalid_hours", value=row["hours"][:40])
        found["hours"] = hours
    if row.get("capacity"):
        capacity = _number("invalid_capacity", row["capacity"])
        if not 1 <= capacity <= 100_000 or capacity % 1:
            raise RowRefused("invalid_capacity", value=row["capacity"][:40])
        found["capacity"] = int(capacity)
    return found


def _number(code: str, text: str) -> float:
    try:
        return number_of(text)
    except ValueError:
        raise RowRefused(code, value=text[:40]) from None


def _tags(texts: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(map(_tag, texts)))[:MOST_TAGS]


def _tag(text: str) -> str:
    """A tag as members' are kept, and cut to their length: calendars call categories what they like."""
    try:
        return one_line(comparable(text).lstrip("#").casefold()).replace(" ", "-")[:_LONGEST_TAG]
    except ValueError:
        raise RowRefused("invalid_tags", value=text[:40]) from None


def _ref(values: Mapping[str, Any]) -> str:
    """What a row without a name of its own is known by: the same title at the same time is the same activity."""
    return "row:" + sha256(f"{values['title']}\n{values['starts_at'].isoformat()}".encode()).hexdigest()[:40]


def normal_sequence(text: str) -> str:
    """A version, counted from 0. Raises ValueError."""
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise ValueError(text)
    return text


def normal_address(text: str) -> str:
    """How to join. Raises ValueError."""
    if not text.startswith("https://") or any(one.isspace() for one in text):
        raise ValueError(text)
    return web_address(text)


NORMAL: Final = {
    "title": one_line,
    "location": one_line,
    "address": one_line,
    "room": one_line,
    "time_zone": zone_name,
    "join_url": normal_address,
    "sequence": normal_sequence,
}
