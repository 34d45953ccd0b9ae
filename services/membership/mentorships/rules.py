"""What a mentorship is by the clock, and who of the two may do what with it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Side = Literal["mentor", "mentee"]
Status = Literal["proposed", "active", "completed", "ended", "declined", "withdrawn", "lapsed"]
Cause = Literal["time", "agreed", "mentor", "mentee", "mentor_left", "mentee_left"]
"""Why it is over: its weeks are, both agreed, one of them ended it, or one of them is no member any more."""
Action = Literal["accept", "decline", "withdraw", "update", "write_note", "complete", "go_on", "end", "give_feedback"]
ACTIONS: Final[tuple[Action, ...]] = (
    "accept",
    "decline",
    "withdraw",
    "update",
    "write_note",
    "complete",
    "go_on",
    "end",
    "give_feedback",
)

FEWEST_WEEKS: Final = 4
MOST_WEEKS: Final = 24
USUAL_WEEKS: Final = 12
LEAST: Final = timedelta(weeks=FEWEST_WEEKS)
"""What both agree to complete has lasted so long: each completed one earns points."""
ANSWER_WITHIN: Final = timedelta(days=14)
AGAIN_AFTER: Final = timedelta(days=30)
FEEDBACK_WITHIN: Final = timedelta(days=14)
QUIET_AFTER: Final = timedelta(weeks=3)
USUAL_CAPACITY: Final = 3
MOST_CAPACITY: Final = 10
PROPOSALS_AT_MOST: Final = 10
PROPOSALS_WITHIN: Final = timedelta(days=7)
MOST_GOALS: Final = 20
MOST_NOTES: Final = 500

LIVE: Final[frozenset[str]] = frozenset({"proposed", "active"})
OVER: Final[frozenset[str]] = frozenset({"completed", "ended"})


def other(side: Side) -> Side:
    """The other one of the two."""
    return "mentee" if side == "mentor" else "mentor"


@dataclass(frozen=True, slots=True)
class Course:
    """Where a mentorship stands as it is recorded; the clock may have gone further."""

    status: Status
    proposed_by: Side
    proposed_at: datetime
    started_at: datetime | None = None
    ends_at: datetime | None = None
    closed_at: datetime | None = None
    completion_asked_by: Side | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the clock changes it; None where it does not any more."""
        if self.status == "proposed":
            return self.proposed_at + ANSWER_WITHIN
        return self.ends_at if self.status == "active" else None

    def status_at(self, now: datetime) -> Status:
        """The status by the clock: unanswered it lapses, and active it is completed at its end."""
        due = self.due_at
        if due is None or now < due:
            return self.status
        return "lapsed" if self.status == "proposed" else "completed"

    def closed_by(self, now: datetime) -> datetime | None:
        """When it was over, if it is."""
        if self.status == "active" and self.status_at(now) == "completed":
            return self.ends_at
        return self.closed_at

    def feedback_until(self, now: datetime) -> datetime | None:
        """Until when each may say how it was, once it is over."""
        closed = self.closed_by(now)
        return None if closed is None else closed + FEEDBACK_WITHIN

    @property
    def completes_from(self) -> datetime | None:
        """From when on both may agree that it is completed."""
        return None if self.started_at is None else self.started_at + LEAST


def refusal(action: Action, course: Course, side: Side, now: datetime) -> str | None:
    """The problem code with which one of the two would be refused; None where they can do it."""
    status = course.status_at(now)
    match action:
        case "accept" | "decline":
            if status == "proposed" and side == course.proposed_by:
                return "own_proposal"
            return None if status == "proposed" else "illegal_transition"
        case "withdraw":
            if status == "proposed" and side != course.proposed_by:
                return "not_own_proposal"
            return None if status == "proposed" else "illegal_transition"
        case "update":
            return None if status in LIVE else "illegal_transition"
        case "write_note" | "end":
            return None if status == "active" else "illegal_transition"
        case "complete":
            return _completing(course, status, now)
        case "go_on":
            asked = status == "active" and course.completion_asked_by is not None
            return None if asked else "illegal_transition"
        case "give_feedback":
            return _saying(course, status, now)


def _completing(course: Course, status: Status, now: datetime) -> str | None:
    if status != "active":
        return "illegal_transition"
    earliest = course.completes_from
    return "too_soon_to_complete" if earliest is not None and now < earliest else None


def _saying(course: Course, status: Status, now: datetime) -> str | None:
    if status not in OVER:
        return "illegal_transition"
    until = course.feedback_until(now)
    return "feedback_over" if until is not None and now >= until else None


def reads_feedback_of(said: frozenset[Side], whose: Side, reader: Side, until: datetime | None, now: datetime) -> bool:
    """Whether one of the two reads what the other said: when both have, or the time for it is over. Their own they always read."""
    if whose not in said:
        return False
    return whose == reader or len(said) == 2 or (until is not None and now >= until)


def week_of(started_at: datetime, weeks: int, now: datetime) -> int:
    """In which of its weeks it is, counted from 1."""
    return max(1, min(weeks, (now - started_at) // timedelta(weeks=1) + 1))
