"""What a member shows at the door, as a QR code: their registration, signed. Pure."""

from typing import Final
from uuid import UUID

from chassis.signed import is_signed, signature_of

_WORD: Final = "pass"
_LONGEST: Final = 36


def pass_for(key: bytes, registration_id: UUID) -> str:
    """The pass of a registration; whether it lets anybody in is decided when it is scanned."""
    return f"{registration_id}.{signature_of(key, _WORD, registration_id)}"


def registration_on(key: bytes, text: str) -> UUID | None:
    """The registration that a pass is of; None if it is none of ours."""
    name, _, signature = text.strip().partition(".")
    if len(name) != _LONGEST or not is_signed(key, signature, _WORD, name):
        return None
    return UUID(name)
