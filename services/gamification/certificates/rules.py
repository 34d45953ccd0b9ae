"""Serials, how long certificates are valid, and what they are at a moment."""

from datetime import date, datetime, timedelta
from typing import Final, Literal

from chassis.days import months_later

Kind = Literal["activity", "level", "certification", "other"]
About = Literal["activity", "series", "activity_kind", "level"]
Status = Literal["valid", "expired", "revoked"]
RevokedCode = Literal["by_hand", "attendance_revoked"]

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters that are read as a digit or as one another (Crockford's base 32)."""
SERIAL_LENGTH: Final = 20
RANDOM_BYTES: Final = 13
"""Of which a serial takes 100 bits: a billion guesses a second find one of a million certificates in 40 million years."""
_GROUP: Final = 5
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def serial_from(random: bytes) -> str:
    """A serial from this many random bytes: nothing in it counts or can be computed."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a serial is made of {RANDOM_BYTES} bytes")
    number = int.from_bytes(random, "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(SERIAL_LENGTH))


def grouped(serial: str) -> str:
    """A serial as people read it: 7Q3ZK-…"""
    return "-".join(serial[place : place + _GROUP] for place in range(0, len(serial), _GROUP))


def serial_in(typed: str) -> str | None:
    """The serial that somebody typed, as it is kept; None where it is none."""
    plain = typed.upper().translate(_READ_AS)
    return plain if len(plain) == SERIAL_LENGTH and set(plain) <= set(ALPHABET) else None


def last_valid_day(earned_on: date, valid_months: int | None) -> date | None:
    """Until when, that day included; None for ever. A year from 1 March lasts until the end of February."""
    return months_later(earned_on, valid_months) - timedelta(days=1) if valid_months is not None else None


def status_at(now: datetime, *, revoked_at: datetime | None, valid_until: datetime | None) -> Status:
    """What a certificate is by the clock; who revoked it has the last word."""
    if revoked_at is not None:
        return "revoked"
    return "expired" if valid_until is not None and valid_until <= now else "valid"
