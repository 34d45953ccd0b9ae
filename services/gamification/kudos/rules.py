"""How kudos stand, and how many a day has: pure."""

from typing import Final, Literal

A_DAY: Final = 5
"""How many a member may give in one of their days. What was removed counts: else giving and removing would win another."""
SHORTEST, LONGEST = 10, 500
"""Characters of what is said."""

Status = Literal["given", "held", "removed"]
"""`held`: moderation holds what was said. `removed`: by the giver, the receiver or a moderator."""


def status_of(*, removed: bool, held: bool) -> Status:
    """How kudos stand. Those that are given pay, and others read them."""
    if removed:
        return "removed"
    return "held" if held else "given"


def room_left(given: int) -> int:
    """How many more the day has."""
    return max(0, A_DAY - given)


def value_refused(code: str | None, codes: list[str]) -> str | None:
    """Why kudos cannot name this value of the charter, by its code: one is named where the charter has any."""
    if code is None:
        return "missing" if codes else None
    return None if code in codes else "unknown_value"
