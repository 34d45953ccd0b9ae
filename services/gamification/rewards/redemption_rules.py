"""What can be done with a redemption in which state. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

Status = Literal["requested", "approved", "fulfilled", "rejected", "cancelled", "expired"]

OPEN: Final = frozenset({"requested", "approved"})
GIVEN_BACK: Final = frozenset({"rejected", "cancelled", "expired"})
"""The ways out by which points and stock go back."""
DECIDE_WITHIN: Final = 2
"""Working days."""
COLLECT_WITHIN: Final = timedelta(days=30)
REMIND_AFTER: Final = (timedelta(days=7), timedelta(days=14))

ASKED_FOR: Final = timedelta(days=3)
"""How long a webhook is asked; then a person decides."""
ASK_AGAIN: Final = timedelta(hours=1)
"""When one that has not decided is asked again."""
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))

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


def wait_after(failures: int) -> timedelta:
    """How long a webhook that did not answer so many times in a row is left alone."""
    return _WAITS[min(failures, len(_WAITS)) - 1]


def needs_person(*, status: str, fulfilment: str, approved_at: datetime | None, now: datetime) -> bool:
    """Whether a webhook has not decided for so long that somebody has to."""
    if fulfilment != "webhook" or status != "approved" or approved_at is None:
        return False
    return now >= approved_at + ASKED_FOR


def possible(action: str, *, status: str, fulfilment: str, approved_at: datetime | None, now: datetime) -> bool:
    """Whether the state lets it be.

    What a webhook was asked for may be there already, whatever it answered: its member cannot take it back any more, and nobody
    decides it as long as the webhook may.
    """
    if fulfilment == "webhook" and status == "approved":
        asked_long = needs_person(status=status, fulfilment=fulfilment, approved_at=approved_at, now=now)
        return action in {"reject", "fulfil"} and asked_long
    return status in _FROM[action]
