"""What can be done with a reply in which state, and which texts are the same. Pure."""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Final, Literal

from chassis.text import comparable
from services.content.discussions.rules import ASKING, WHILE_UNSEEN, Cause

Kind = Literal["answer", "comment"]

SHORTEST_REPEATED: Final = 20
"""Characters from which on two texts that are the same are one that was sent twice."""
REPEATED_WITHIN: Final = timedelta(minutes=5)
HELD_FROM: Final = 1_000_000_000
"""Where what waits for a moderator stands in its discussion: behind everything, until it is seen."""


def digest_of(body: str) -> str | None:
    """What is the same for texts that are the same; None for one that is short, as many are."""
    text = "".join(comparable(body).split())
    return hashlib.sha256(text.encode()).hexdigest() if len(text) >= SHORTEST_REPEATED else None


def refusal(
    action: str,
    *,
    kind: str,
    causes: Collection[str],
    as_: Cause,
    accepted: bool,
    discussion_kind: str,
    discussion_removed: bool,
    answers_own: bool,
    dissolved: bool = False,
) -> str | None:
    """The code of the refusal, None where the caller may: who may do it at all is asked before. `dissolved` as in `discussions.rules`.

    `answers_own`: a moderator would accept what they answered to somebody else.
    """
    if discussion_removed:
        return "illegal_transition"
    if dissolved and action not in {"remove", "restore"}:
        return "illegal_transition"
    if action == "restore":
        return None if as_ in causes else "illegal_transition"
    if action == "unaccept":
        return None if accepted else "illegal_transition"
    if causes and not (set(causes) == {"hold"} and action in WHILE_UNSEEN):
        return "illegal_transition"
    if action == "accept":
        if kind != "answer" or discussion_kind not in ASKING or accepted:
            return "illegal_transition"
        return "conflict_of_interest" if answers_own else None
    return None
