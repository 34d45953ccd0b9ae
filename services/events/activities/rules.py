"""What can be done with an activity in which state, and whether its times fit together. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

Kind = Literal["sharing_session", "workshop", "contest", "team_building", "meeting"]
Mode = Literal["online", "offline", "hybrid"]
Status = Literal["draft", "announced", "completed", "cancelled"]
CheckOut = Literal["none", "required"]
SeatOffers = Literal["at_once", "timed"]
RegistrationStatus = Literal["confirmed", "waitlisted", "offered", "assigned", "excused", "cancelled", "expired"]

LONGEST: Final = timedelta(days=92)
"""An activity that lasts longer is a course, or a mistake in the year."""

POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "update": frozenset({"draft", "announced"}),
    "announce": frozenset({"draft"}),
    "move": frozenset({"announced"}),
    "cancel": frozenset({"draft", "announced"}),
    "complete": frozenset({"announced"}),
    "document": frozenset({"draft", "announced", "completed"}),
    "invite": frozenset({"draft", "announced", "completed"}),
    "register": frozenset({"announced"}),
}
"""In which states what can be done."""


def refusal(action: str, *, status: str, ends_at: datetime, now: datetime) -> str | None:
    """The code of the refusal, None where the state lets it be.

    What has ended is neither moved nor announced any more, and is completed only then.
    """
    possible = status in POSSIBLE[action]
    if action in {"announce", "move", "register"}:
        possible &= now < ends_at
    if action == "complete":
        possible &= now >= ends_at
    return None if possible else "illegal_transition"


def misfits(times: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which of an activity's times do not fit, each with the code of what is wrong."""
    starts, ends = times["starts_at"], times["ends_at"]
    if ends <= starts:
        yield "ends_at", "ends_before_start"
    elif ends - starts > LONGEST:
        yield "ends_at", "too_long"
    opens, closes = times["registration_opens_at"], times["registration_closes_at"]
    if closes is not None and closes > ends:
        yield "registration_closes_at", "after_the_end"
    if opens is not None and opens >= (closes or ends):
        yield "registration_opens_at", "opens_after_close"
    if times["cancel_until"] is not None and times["cancel_until"] > ends:
        yield "cancel_until", "after_the_end"
