"""Server-Sent Events as they go over the wire, and the places that a reader resumes from. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

Place = tuple[int, int]
"""Where a change stands in the order of all changes: the transaction, and the number within."""

EndReason = Literal["session_ended", "too_slow", "shutting_down"]

_PLACE: Final = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)
BEAT: Final = b":\n\n"
"""A comment, which no reader shows: it finds out whether anybody is there, and keeps proxies from closing what is silent."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one person's inbox: its place, and the event that tells of it."""

    place: Place
    frame: bytes


def place_of(text: str) -> Place | None:
    """The place that an event's id names; None for what is none."""
    found = _PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def id_of(place: Place) -> str:
    """The id of an event."""
    return f"{place[0]}.{place[1]}"


def change_of(item: Mapping[str, Any]) -> Change:
    """What membership's feed says of one change, as an event. Raises `ValueError` for what has no place."""
    place = place_of(item["seq"])
    if place is None:
        raise ValueError("a change without a place")
    told = {name: item[name] for name in ("kind", "notification_id", "unread", "at")}
    return Change(place, event("notification", told, place))


def event(name: str, data: Mapping[str, Any], place: Place | None = None, *, retry_ms: int | None = None) -> bytes:
    """One event; its id is what a reader resumes from."""
    lines = [] if retry_ms is None else [b"retry: %d" % retry_ms]
    if place is not None:
        lines.append(b"id: " + id_of(place).encode())
    lines += [b"event: " + name.encode(), b"data: " + orjson.dumps(data), b"", b""]
    return b"\n".join(lines)
