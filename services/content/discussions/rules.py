"""What can be done with a discussion in which state, and until when somebody should answer."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from typing import Final, Literal

from chassis.days import local_day
from chassis.working_time import due_after

Kind = Literal["topic", "question", "help_request", "announcement", "poll"]
Status = Literal["open", "locked", "closed"]
Sort = Literal["-last_activity_at", "-created_at", "-reply_count"]
Cause = Literal["author", "moderator", "parent", "hold", "merge"]
"""Why something is not seen; it is seen again when the last cause is gone."""
SCHEDULED: Final = "scheduled"
"""The cause of what is not published yet: nobody was told of it."""
UNSEEN: Final = frozenset({SCHEDULED, "hold"})
WHILE_UNSEEN: Final = frozenset({"update", "remove"})
"""What can be done with what nobody else has seen yet."""
MERGED: Final = "merge"
"""The cause of what was merged into another: that is told instead, nobody loses what it earned, and whoever has its address finds the other."""
MERGEABLE: Final[frozenset[Kind]] = frozenset({"topic", "question", "help_request"})
NOT_MERGEABLE: Final = "not_mergeable"
Move = Literal["lock", "unlock", "close", "reopen"]

ASKING: Final[frozenset[Kind]] = frozenset({"question", "help_request"})
"""Somebody waits for an answer."""

MOVES: Final[Mapping[Move, tuple[frozenset[Status], Status]]] = {
    "lock": (frozenset({"open"}), "locked"),
    "unlock": (frozenset({"locked"}), "open"),
    "close": (frozenset({"open", "locked"}), "closed"),
    "reopen": (frozenset({"closed"}), "open"),
}
"""From which states each leads where. A locked one rests for a while, a closed one is settled."""

THREAD_CLOSED: Final = "thread_closed"


def refusal(
    action: str,
    *,
    kind: str,
    status: str,
    causes: Collection[str],
    as_: Cause,
    pinned: bool,
    featured: bool = False,
    unnamed: bool = False,
    dissolved: bool = False,
) -> str | None:
    """The code of the refusal, None where the caller may: who acts as `author` or as `moderator` may do it at all is asked before.

    `dissolved`: it stands in a group that is no more, where one reads and takes away.
    """
    if action == "restore":
        return None if as_ in causes else "illegal_transition"
    if dissolved and action != "remove":
        return THREAD_CLOSED if action == "reply" else "illegal_transition"
    if action == "reply" and set(causes) == {MERGED}:
        return THREAD_CLOSED
    if set(causes) - (UNSEEN if action in WHILE_UNSEEN else set()) - ({MERGED} if action == "remove" else set()):
        return "illegal_transition"
    match action:
        case "merge":
            # Elsewhere the author of what is unnamed would be somebody else, or meet themselves.
            return None if kind in MERGEABLE and not unnamed else NOT_MERGEABLE
        case "reply":
            return None if status == "open" else THREAD_CLOSED
        case "unpin":
            return None if pinned else "illegal_transition"
        case "feature" | "unfeature" if as_ == "author":
            # It earns its author something.
            return "conflict_of_interest"
        case "feature" | "unfeature":
            return "illegal_transition" if featured == (action == "feature") else None
        case "assign":
            return None if kind in ASKING and status == "open" else "illegal_transition"
        case "lock" | "unlock" | "close" | "reopen":
            return None if status in MOVES[action][0] else "illegal_transition"
    return None


def answer_due(asked_at: datetime, *, time_zone: str, is_workday: Callable[[date], bool]) -> datetime:
    """One working day later, as `due_after` counts them."""
    return due_after(asked_at, 1, time_zone=time_zone, is_workday=is_workday)


def may_remind(reminded_at: datetime | None, now: datetime, *, time_zone: str, day_starts_at: time) -> bool:
    """Whether nobody was reminded of an announcement yet on this day of the community."""
    if reminded_at is None:
        return True
    before, today = (local_day(at, time_zone=time_zone, day_starts_at=day_starts_at) for at in (reminded_at, now))
    return before < today
