"""What a contest is now, what may be done with it, and what of its setting does not fit together. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

State = Literal["draft", "upcoming", "running", "closed", "released", "regrading", "cancelled"]
Entry = Literal["registered", "members"]
TeamsBy = Literal["members", "organiser"]
TeamScore = Literal["sum", "mean", "best"]
BoardState = Literal["live", "frozen", "final"]

NO_MARKS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When who has no marks reached them: all of them at once, so that they stand last with an equal rank."""
LONGEST: Final = timedelta(days=31)
TOGETHER: Final = 500
"""How many attempts or lines are worked on, and told of, in one transaction."""

POSSIBLE: Final[Mapping[str, frozenset[State]]] = {
    "update": frozenset({"draft", "upcoming"}),
    "publish": frozenset({"draft"}),
    "delete": frozenset({"draft"}),
    "team_up": frozenset({"upcoming"}),
    "extend": frozenset({"upcoming", "running", "closed"}),
    "reopen": frozenset({"running", "closed"}),
    "regrade": frozenset({"released"}),
}


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a contest."""

    opens_at: datetime
    closes_at: datetime
    minutes: int
    results_at: datetime
    board_frozen_from: datetime | None = None
    held_until: datetime | None = None

    @property
    def released_at(self) -> datetime:
        """When everybody sees what everybody came to: not while somebody still answers who was given time."""
        return max(self.results_at, self.held_until or self.results_at)


def state_at(status: str, times: Times, now: datetime) -> State:
    """What a contest is now, also where nobody came round to writing it down."""
    match status:
        case "draft" | "cancelled" | "regrading":
            return status
        case "over":
            return "released"
    if now < times.opens_at:
        return "upcoming"
    if now < times.closes_at:
        return "running"
    return "closed" if now < times.released_at else "released"


def board_at(state: State, times: Times, now: datetime) -> BoardState:
    """What the board shows: how things stand, how they stood when it froze, or the end."""
    if state in {"released", "regrading"}:
        return "final"
    return "live" if shown_on_board(times, now) else "frozen"


def shown_on_board(times: Times, at: datetime) -> bool:
    """Whether what happens then is still put on the board before the end."""
    return times.board_frozen_from is None or at < times.board_frozen_from


def misfits(times: Times, *, now: datetime) -> Iterator[tuple[str, str]]:
    """What of the times does not fit together: the field and a code."""
    if times.opens_at <= now:
        yield "opens_at", "in_the_past"
    if times.closes_at <= times.opens_at:
        yield "closes_at", "ends_before_start"
    elif times.closes_at - times.opens_at > LONGEST:
        yield "closes_at", "too_long"
    elif timedelta(minutes=times.minutes) > times.closes_at - times.opens_at:
        yield "minutes", "longer_than_the_window"
    if times.results_at < times.closes_at:
        yield "results_at", "before_the_end"
    elif times.results_at - times.closes_at > LONGEST:
        yield "results_at", "too_long"
    frozen = times.board_frozen_from
    if frozen is not None and not times.opens_at <= frozen <= times.closes_at:
        yield "board_frozen_from", "outside_the_window"


@dataclass(frozen=True, slots=True)
class Part:
    """What one member adds to their team."""

    score: int
    reached_at: datetime | None


def team_result(how: str, parts: Sequence[Part], size: int) -> tuple[int, datetime]:
    """What a team comes to and when it reached that: `sum` of its members, `mean` of all in it (who did not begin has nothing), or its `best`.

    A sum or a mean is reached with the last answer that brought any of them marks.
    """
    scoring = [one for one in parts if one.score > 0 and one.reached_at is not None]
    if not scoring:
        return 0, NO_MARKS
    if how == "best":
        best = min(scoring, key=lambda one: (-one.score, one.reached_at or NO_MARKS))
        return best.score, best.reached_at or NO_MARKS
    together = sum(one.score for one in scoring)
    count = max(size, len(parts), 1)
    score = together if how == "sum" else (2 * together + count) // (2 * count)
    return (score, max(one.reached_at or NO_MARKS for one in scoring)) if score else (0, NO_MARKS)


def ranks(
    lines: Iterable[tuple[int, datetime]], *, before: int = 0, last: tuple[int, datetime, int] | None = None
) -> Iterator[int]:
    """The ranks of sorted lines, each with score and when it was reached; `before` stand above them, `last` is the one just above with its rank."""
    for count, (score, reached_at) in enumerate(lines, start=before + 1):
        same = last is not None and last[:2] == (score, reached_at)
        rank = last[2] if same and last is not None else count
        yield rank
        last = (score, reached_at, rank)


def lines_together(team_size: int | None) -> int:
    """How many lines are told in one message: they name 500 members at most."""
    return TOGETHER // (team_size or 1)


def prize_rank(before: int | None, rank: int, *, kept: bool) -> int:
    """The place whose prize somebody has: a correction takes none unless that was decided."""
    return min(before, rank) if kept and before is not None else rank
