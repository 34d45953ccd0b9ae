"""What stands in a mail's Message-ID, so that mail that comes back proves what was sent, and where to. Pure.

Ids of deliveries can be worked out by who knows what they are about. Only this installation can say that one went to an address.
"""

import re
from typing import Final
from uuid import UUID

from chassis.secrets import derived
from chassis.signed import is_signed, signature_of

_PURPOSE: Final = "mail-references"
_FORM: Final = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})")


def reference_of(secret: bytes, delivery_id: UUID, address: str) -> str:
    """What names a delivery to an address."""
    return f"{delivery_id}.{signature_of(derived(secret, _PURPOSE), delivery_id, address)}"


def delivery_of(reference: str) -> UUID | None:
    """Which delivery is named; whether it went to an address, `went_to` says."""
    found = _FORM.fullmatch(reference)
    return None if found is None else UUID(found[1])


def went_to(secret: bytes, reference: str, delivery_id: UUID, address: str) -> bool:
    """Whether this installation made the reference, for that address."""
    return is_signed(derived(secret, _PURPOSE), reference.partition(".")[2], delivery_id, address)
