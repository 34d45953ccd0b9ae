"""How long a message waits for its next try, and a channel for its next; pure."""

from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["code", "notification", "digest"]
State = Literal["waiting", "sending", "taken", "refused", "lapsed", "withdrawn"]

USUAL_ZONE: Final = "Asia/Shanghai"
"""Of whom neither they nor their community said anything."""
LEASE: Final = timedelta(minutes=2)
"""How long who sends a message has it: another may send it after that."""
SEND_SECONDS: Final = 50.0
"""How long one sending may take, well below the lease."""
ENDED_KEPT: Final = timedelta(days=30)

_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT_OF_A_CODE = timedelta(minutes=2)
"""Somebody sits before the screen."""
_FIRST_REST = timedelta(seconds=2)
_LONGEST_REST = timedelta(minutes=5)
_DOUBLINGS = 20


def try_again_at(
    kind: Kind, now: datetime, attempts: int, after: timedelta | None, *, jitter: float, lapses_at: datetime
) -> datetime:
    """When a message is tried again that was put off so many times, `jitter` being between 0 and 1.

    The wait doubles from 15 s to 15 min, of a code to 2 min, and is never less than the other side asks for. Nothing is tried once it has lapsed:
    then that is noted.
    """
    longest = _LONGEST_WAIT_OF_A_CODE if kind == "code" else _LONGEST_WAIT
    wait = min(_FIRST_WAIT * (1 << min(max(attempts, 1) - 1, _DOUBLINGS)), longest) * (0.5 + 0.5 * jitter)
    return min(now + max(wait, after or wait), lapses_at)


def rest_after(failures: int, after: timedelta | None, *, jitter: float) -> timedelta:
    """How long a whole channel is left alone that was away so many times in a row: from 2 s to 5 min, or as long as it asks for."""
    rest = min(_FIRST_REST * (1 << min(max(failures, 1) - 1, _DOUBLINGS)), _LONGEST_REST) * (0.5 + 0.5 * jitter)
    return max(rest, after or rest)
