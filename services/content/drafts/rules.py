"""What a draft is called where it names files, and what a list shows of a form that nobody has checked. Pure."""

from typing import Any, Final
from uuid import UUID, uuid5

LONGEST: Final = 200


def key_of(member_id: UUID, target: str) -> UUID:
    """A draft as what names files."""
    return uuid5(member_id, target)


def first_words(value: Any) -> str | None:
    """A text on one line, cut; None for what is no text, and for blanks."""
    if not isinstance(value, str):
        return None
    # A form is 64 KiB at most; what comes after this much is not shown.
    line = " ".join(value[: 4 * LONGEST].split())
    if not line:
        return None
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
