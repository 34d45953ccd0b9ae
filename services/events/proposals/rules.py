"""What can be done with a proposal in which state. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

Status = Literal["submitted", "withdrawn", "accepted", "declined"]

OWN: Final = frozenset({"update", "withdraw"})
"""What its proposer does; the rest is decided by others."""
POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "update": frozenset({"submitted"}),
    "withdraw": frozenset({"submitted"}),
    "accept": frozenset({"submitted"}),
    "decline": frozenset({"submitted"}),
}


def refusal(action: str, *, status: str) -> str | None:
    """The code of the refusal, None where the state lets it be."""
    return None if status in POSSIBLE[action] else "illegal_transition"
