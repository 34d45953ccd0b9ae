"""What rules are made of, and what may become of a rule set. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from chassis.acknowledging import WITHIN

Category = Literal["speech", "etiquette", "learning", "advertising", "other"]
Severity = Literal["minor", "serious", "grave"]
State = Literal["draft", "in_force", "superseded"]

MOST_RULES: Final = 100
LONGEST_TITLE: Final = 100
LONGEST_TEXT: Final = 2000
MOST_CHARACTERS: Final = 40_000
"""Of all titles and texts together: moderation is told of them in one message."""
REMINDED_BEFORE: Final = (timedelta(days=7), timedelta(days=1))
"""How long before their time is over members are reminded, the earliest first."""

if not max(REMINDED_BEFORE) < WITHIN:  # pragma: no cover - a mistake of whoever changes them
    raise ValueError("a reminder comes after the version is published")


def state_of(number: int | None, in_force: int) -> State:
    """What a rule set is, given the version in force."""
    if number is None:
        return "draft"
    return "in_force" if number == in_force else "superseded"


def writing_refusal(state: State) -> str | None:
    """The problem code with which changing a rule set is refused: what is published stays as it is for ever."""
    return None if state == "draft" else "illegal_transition"


def publishing_refusal(state: State, *, community_status: str) -> str | None:
    """The problem code with which publishing is refused: of a community that is not open, nobody could read it."""
    return None if state == "draft" and community_status == "open" else "illegal_transition"


def characters(rules: list[dict[str, Any]]) -> int:
    """How long all titles and texts are together."""
    return sum(len(rule["title"]) + len(rule["text"]) for rule in rules)


def reminders_between(
    reminded_until: datetime, until: datetime, now: datetime
) -> Mapping[timedelta, tuple[datetime, datetime]]:
    """For each reminder between two looks at the clock: whose time ends after the first and by the second moment.

    Who is to be reminded twice at once is reminded once, and nobody of what is over.
    """
    found, nearer = {}, timedelta(0)
    for left in sorted(REMINDED_BEFORE):
        after, by = max(reminded_until + left, now + nearer), until + left
        if after < by:
            found[left] = (after, by)
        nearer = left
    return found
