"""What can be done with an idea in which state. Pure."""

from collections.abc import Collection, Mapping
from typing import Final, Literal

from services.content.discussions.rules import UNSEEN, WHILE_UNSEEN, Cause

Status = Literal["open", "under_review", "piloting", "adopted", "declined", "duplicate"]
Decision = Literal["under_review", "piloting", "adopted", "declined"]
Sort = Literal["-created_at", "-votes"]

DAYS_TO_ANSWER: Final = 5
"""Working days until an idea should no longer be open."""
TO_DECIDE: Final[frozenset[str]] = frozenset({"open", "under_review"})
"""Those who run the community have not said what becomes of it."""
UNDECIDED: Final[frozenset[str]] = TO_DECIDE | {"piloting"}
"""Votes still matter."""
EXPLAINED: Final[frozenset[str]] = frozenset({"adopted", "declined"})
"""Its author reads why."""
DECIDED_FROM: Final[Mapping[Decision, frozenset[str]]] = {
    "under_review": frozenset({"open", "declined"}),
    "piloting": TO_DECIDE,
    "adopted": UNDECIDED,
    "declined": UNDECIDED,
}
"""What can be decided from which state. Who declined may look again; what was adopted stays adopted, as it was paid."""


def refusal(action: str, *, status: str, causes: Collection[str], as_: Cause, to: Decision | None = None) -> str | None:
    """The code of the refusal, None where the state lets it be. `to` is what is decided, None if anything."""
    if action == "restore":
        return None if as_ in causes else "illegal_transition"
    possible = not set(causes) - (UNSEEN if action in WHILE_UNSEEN else set())
    match action:
        case "update":
            possible &= status in TO_DECIDE
        case "vote" | "merge":
            possible &= status in UNDECIDED
        case "decide":
            possible &= any(status in DECIDED_FROM[one] for one in ([to] if to else DECIDED_FROM))
    return None if possible else "illegal_transition"
