"""Signed calls between this installation and systems outside, as Standard Webhooks describes them: who knows the secret wrote this, just now. Pure."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of both may be apart."""
_PREFIX = "whsec_"


def secret_text(key: bytes) -> str:
    """A key as the other side sets it."""
    return _PREFIX + base64.b64encode(key).decode()


def signed_headers(keys: bytes | Sequence[bytes], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that prove who sent a body, and when; signed with each key, as long as an older one is good too."""
    at = str(int(now.timestamp()))
    signatures = [
        f"v1,{_signature(key, message_id, at, body)}" for key in ([keys] if isinstance(keys, bytes) else keys)
    ]
    return {ID: message_id, TIMESTAMP: at, SIGNATURE: " ".join(signatures)}


def is_signed(key: bytes, message_id: str, timestamp: str, signatures: str, body: bytes, now: datetime) -> bool:
    """Whether one of the signatures, which are separated by spaces, is right, and is of about now."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    right = f"v1,{_signature(key, message_id, timestamp, body)}".encode()
    return any(hmac.compare_digest(right, one.encode()) for one in signatures.split(" ")[:10])


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    said = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, said, "sha256")).decode()
