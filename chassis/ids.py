"""Identifiers: UUID version 7 (RFC 9562), which sort by the time they were made; and masks, version 8, in the place of members who are not named."""

import secrets
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

_MASK = 8

COMPANY: Final = UUID(int=0)
"""Stands in tables where a community's id would: the company as a whole. Messages and answers have no community there."""


def new_id() -> UUID:
    """A fresh UUIDv7; later ones made by this process sort after earlier ones."""
    return uuid7()


def new_mask() -> UUID:
    """A fresh mask: it stands where a member id would, and says nothing of whose it is, nor when it was made."""
    bits = secrets.randbits(128) & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=bits | _MASK << 76 | 0x2 << 62)


NOBODY_NAMED = UUID(int=_MASK << 76 | 0x2 << 62)
"""The mask of all whom nobody is told, where they count as one."""


def is_mask(member_id: UUID) -> bool:
    """Whether this stands for a member who is not named: nobody is found by it."""
    return member_id.version == _MASK
