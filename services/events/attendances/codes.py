"""What is shown at the door, and what it is exchanged for before anybody logs in. Pure.

A code changes every 30 seconds and names its activity by its door; whoever sees it is at the door. It is exchanged for a ticket,
so that a slow log-in does not lose it.
"""

import hmac
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.signed import is_signed, signature_of

STEP: Final = 30
"""Seconds for which a code is shown; it is taken for as long again."""
TICKET_LASTS: Final = timedelta(minutes=5)
_LETTERS: Final = 6


def code_of(key: bytes, door: str, now: datetime) -> str:
    """The code that is shown at a door now, such as `K7QM2D-9XHT4B`."""
    return _code(key, door, _step(now))


def shown_until(now: datetime) -> datetime:
    """Until when it is shown."""
    return datetime.fromtimestamp((_step(now) + 1) * STEP, UTC)


def door_of(key: bytes, code: str, now: datetime) -> str | None:
    """The door at which a code is shown now, or was just now; None for any other code."""
    door = code.strip().upper().partition("-")[0]
    for step in (_step(now), _step(now) - 1):
        if hmac.compare_digest(_code(key, door, step).encode(), code.strip().upper().encode()):
            return door
    return None


def ticket_for(key: bytes, door: str, now: datetime) -> str:
    """What lets one check in at a door for five minutes."""
    until = int((now + TICKET_LASTS).timestamp())
    return f"{door}.{until}.{signature_of(key, 'ticket', door, until)}"


def door_on(key: bytes, ticket: str, now: datetime) -> str | None:
    """The door that a ticket is for; None if it is none of ours, or has run out."""
    door, _, rest = ticket.partition(".")
    until, _, signature = rest.partition(".")
    if not until.isascii() or not until.isdecimal() or len(until) > 12:
        return None
    good = is_signed(key, signature, "ticket", door, int(until)) and now.timestamp() < int(until)
    return door if good else None


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def _code(key: bytes, door: str, step: int) -> str:
    digest = hmac.digest(key, f"code\n{door}\n{step}".encode(), "sha256")
    return f"{door}-{b32encode(digest).decode()[:_LETTERS]}"
