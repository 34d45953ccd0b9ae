"""What can be done with a redemption in which state. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

Status = Literal["requested", "approved", "fulfilled", "rejected", "cancelled", "expired"]

OPEN: Final = frozenset({"requested", "approved"})
GIVEN_BACK: Final = frozenset({"rejected", "cancelled", "expired"})
"""The ways out by which points and stock go back."""
DECIDE_WITHIN: Final = 2
"""Working days."""
COLLECT_WITHIN: Final = timedelta(days=30)
REMIND_AFTER: Final = (timedelta(days=7), timedelta(days=14))

OWN: Final = frozenset({"cancel"})
"""What its member does; the rest is decided by others."""
LEADS_TO: Final[Mapping[str, str]] = {
    "approve": "approved",
    "reject": "rejected",
    "cancel": "cancelled",
    "fulfil": "fulfilled",
}
_FROM: Final[Mapping[str, frozenset[str]]] = {
    "approve": frozenset({"requested"}),
    "reject": OPEN,
    "cancel": OPEN,
    "fulfil": frozenset({"approved"}),
}


def possible(action: str, *, status: str, asks_a_hook: bool) -> bool:
    """Whether the state lets it be.

    What a webhook was asked for may be there already, whatever it answered: its member cannot take it back any more.
    """
    if action == "cancel" and asks_a_hook and status == "approved":
        return False
    return status in _FROM[action]
