"""Addresses that are their own proof: bound to a thing and a reader, and good for a while. Pure.

A browser that shows a picture sends no token. What it has instead is an address that was signed for whoever asked for it.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

QUARTER: Final = 15 * 60
"""Seconds in which the same reader is given the same address of the same thing, so that browsers keep what they have."""

SHORT: Final = timedelta(minutes=30)
"""How long an address is good at most; at least half of it."""
LONG: Final = timedelta(hours=4)
"""The same of sound and pictures that move, which are asked for as they are played."""


def good_until(now: datetime, longest: timedelta) -> datetime:
    """Until when an address that is signed now is good."""
    quarter = int(now.timestamp()) // QUARTER * QUARTER
    return datetime.fromtimestamp(quarter, UTC) + longest


def signature_of(key: bytes, *said: object) -> str:
    """What only who has the key can say of these things in this order."""
    text = "\n".join(str(one) for one in said)
    return urlsafe_b64encode(hmac.digest(key, text.encode(), sha256)).decode().rstrip("=")


def is_signed(key: bytes, signature: str, *said: object) -> bool:
    """Whether the signature is that of these things."""
    return hmac.compare_digest(signature.encode(), signature_of(key, *said).encode())


def address_of(key: bytes, attachment_id: UUID, size: str, reader: UUID, until: datetime, *, service: str) -> str:
    """Where this reader downloads a file until then, which a thing of this service names; content signs its own."""
    stamp = int(until.timestamp()) // QUARTER
    query = {"size": size, "reader": reader, "until": stamp, "service": service}
    signed = signature_of(key, attachment_id, *query.values())
    return f"/v1/attachments/{attachment_id}/content?{urlencode(query | {'signature': signed})}"


def is_address(
    key: bytes,
    signature: str,
    attachment_id: UUID,
    size: str,
    reader: UUID,
    until: int,
    service: str,
    now: datetime,
) -> bool:
    """Whether a service of this installation signed this, and it is good still."""
    return now.timestamp() < until * QUARTER and is_signed(key, signature, attachment_id, size, reader, until, service)
