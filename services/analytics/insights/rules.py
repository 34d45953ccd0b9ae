"""What can be done with an insight in which state, and when its effect is measured. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal

Status = Literal["new", "acknowledged", "acting", "resolved", "dismissed"]
Severity = Literal["low", "medium", "high"]
Action = Literal["update", "acknowledge", "act", "resolve", "dismiss"]

BY_HAND: Final = "raised_by_hand"
"""The code of what an operator saw, and no rule."""
AUTOMATED: Final = "automated"
"""The code of what an automation counts."""
OPEN: Final[frozenset[str]] = frozenset({"new", "acknowledged", "acting"})
"""It waits for somebody."""
POSSIBLE_FROM: Final[Mapping[Action, frozenset[str]]] = {
    "update": OPEN,
    "acknowledge": frozenset({"new"}),
    "act": frozenset({"acknowledged"}),
    "resolve": frozenset({"acting"}),
    "dismiss": OPEN,
}
"""What can be done from which state: who acts has looked first, and only what was acted upon is resolved by hand."""
RUNNING: Final = frozenset({"operator", "owner"})
"""The roles of those who read insights, and so can own one."""

WEEKS: Final = 4
SPAN: Final = timedelta(weeks=WEEKS)
"""As long before a change as after it."""


def refusal(action: Action, status: str) -> str | None:
    """The code of the refusal, None where the state lets it be."""
    return None if status in POSSIBLE_FROM[action] else "illegal_transition"


def before(changed_on: date) -> tuple[date, date]:
    """The first and the last of the days before a change."""
    return changed_on - SPAN, changed_on - timedelta(days=1)


def after(changed_on: date) -> tuple[date, date]:
    """The first and the last of the days after a change; its own day is one of them."""
    return changed_on, changed_on + SPAN - timedelta(days=1)


def effect_due_on(changed_on: date) -> date:
    """The first day on which all days after a change are over."""
    return changed_on + SPAN
