"""What a plan requires of a check-in. Pure."""

from collections.abc import Collection
from typing import Any


def missing_evidence(
    requires: str, min_length: int, *, note: str | None, link: str | None, files: Collection[Any] = ()
) -> str | None:
    """What a check-in lacks of what a plan requires, as a code; None where it lacks nothing.

    A note is measured without white space at its ends.
    """
    if requires == "note":
        length = len((note or "").strip())
        if length == 0:
            return "note_missing"
        return "note_too_short" if length < min_length else None
    if requires == "link":
        return None if link else "link_missing"
    if requires == "file":
        return None if files else "file_missing"
    return None
