"""What becomes of a message that is handed to a messenger."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Code = Literal[
    "unknown_user",
    "unknown_robot",
    "signature_refused",
    "text_refused",
    "address_refused",
    "not_set_up",
    "refused",
]
"""Why nothing comes of it. `refused`: for a reason that has no name here; the log has the messenger's own number."""

ENDS_ROBOT: frozenset[Code] = frozenset({"unknown_robot", "signature_refused"})
"""What no other message to the same robot would get past."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The messenger has it, and shows it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now: try the same again, and no sooner than after so long where it is known. `away`: nothing else is taken either."""

    after: timedelta | None = None
    code: str = field(default="busy", compare=False)
    away: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The messenger does not take it, however often it is tried."""

    code: Code
    number: str | None = None
    """The messenger's own."""


Outcome = Taken | Again | Refused
