"""What content says of a file to whoever sent it, signed: another service takes the file by it without asking. Pure.

Services know nothing of each other's tables. A file is there, finished, and whose it is, since its receipt says so.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from chassis.signed import is_signed, signature_of

LONGEST: Final = 4000
"""Characters of a receipt, with room for the longest name of a file."""
_ABOUT: Final = "receipt"
"""First among what is signed, so that no address is one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file that is ready. `previews`: it is a picture, made anew in two sizes."""

    attachment_id: UUID
    person_id: UUID
    community_id: UUID | None
    purpose: str
    name: str
    media_type: str
    size: int
    previews: bool


def receipt_of(key: bytes, receipt: Receipt, until: datetime) -> str:
    """What its sender hands on of a file, good until then."""
    said = asdict(receipt) | {"until": int(until.timestamp())}
    payload = json.dumps(said, default=str, ensure_ascii=False, separators=(",", ":")).encode()
    text = urlsafe_b64encode(payload).decode().rstrip("=")
    return f"{text}.{signature_of(key, _ABOUT, text)}"


def receipt_in(key: bytes, text: str) -> tuple[Receipt, datetime] | None:
    """What a receipt says, and until when it is good; None where this installation did not write it."""
    payload, dot, signature = text.partition(".")
    if not dot or not text.isascii() or not is_signed(key, signature, _ABOUT, payload):
        return None
    said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    until = datetime.fromtimestamp(said["until"], UTC)
    community_id = said["community_id"]
    # A later release may say more of a file, while this one still runs.
    known = {one.name: said[one.name] for one in fields(Receipt)} | {
        "attachment_id": UUID(said["attachment_id"]),
        "person_id": UUID(said["person_id"]),
        "community_id": UUID(community_id) if community_id else None,
    }
    return Receipt(**known), until
