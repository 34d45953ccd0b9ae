"""How far a goal is, how it is going to end, and what is to be said of that. Pure.

A goal goes one way, up or down, from where it starts to its target. What is *counted* adds up from zero over the goal's time (posts
in a quarter); anything else has a level (active members in a week) and starts at its baseline. Where it starts at the target or
beyond, nothing is to be reached: the target is to be held (no more than five complaints, at least 4.5 of 5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isclose
from typing import Final, Literal

Direction = Literal["up", "down"]
State = Literal["on_track", "at_risk", "behind", "achieved", "missed", "withdrawn"]

WHOLE: Final = 100.0
"""What a goal comes to, in percent, all of whose parts are reached."""
MOST_LEVELS: Final = 4
"""How many goals may stand below one another, the first included."""
TOO_EARLY: Final = 0.1
"""In this first part of its time nobody can say how a goal ends: it is on track."""
AT_RISK: Final = 0.7
"""Who will have gone this part of the way is at risk; with less they are behind."""
NEARLY_HELD: Final = 0.1
"""What is to be held and is missed by no more than this part of it is at risk."""
A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Course:
    """What a goal is judged by: its numbers, and the moments between which it runs. It comes to no less than `least`, nor more than `most`."""

    target: float
    direction: Direction
    began_at: datetime
    ends_at: datetime
    baseline: float | None = None
    counted: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def start(self) -> float:
        """Where the way begins."""
        return 0.0 if self.counted or self.baseline is None else self.baseline

    @property
    def holds(self) -> bool:
        """Whether the target is to be held: it starts there or beyond."""
        return self.meets(self.start)

    def meets(self, value: float) -> bool:
        """Whether a value is at the target or beyond."""
        if isclose(value, self.target, rel_tol=1e-9, abs_tol=1e-9):
            return True
        return value > self.target if self.direction == "up" else value < self.target

    def elapsed(self, now: datetime) -> float:
        """Which part of its time is over."""
        return min(1.0, max(0.0, (now - self.began_at) / (self.ends_at - self.began_at)))


@dataclass(frozen=True, slots=True)
class Pace:
    """By how much it moves in a week: what is needed from now on, and what was so far. None where there is nothing to tell it by."""

    needed: float | None
    so_far: float | None


def progress(course: Course, value: float | None, now: datetime) -> float:
    """Which part of the way is behind it, 0 to 1; of what is to be held, how nearly it is."""
    if value is None:
        return 0.0
    if course.holds:
        expected = _expected(course, value, now)
        return 1.0 if course.meets(expected) else max(0.0, 1.0 - _missed_by(course, expected))
    return min(1.0, max(0.0, _way(course, value)))


def forecast(course: Course, value: float | None, now: datetime) -> float | None:
    """What it comes to at its end if it goes on as it went so far. None where it is too early to say."""
    elapsed = course.elapsed(now)
    if value is None or elapsed < TOO_EARLY:
        return None
    if course.holds and not course.counted:
        return value
    going = course.start + (value - course.start) / elapsed
    if course.least is not None:
        going = max(going, course.least)
    return going if course.most is None else min(going, course.most)


def state(course: Course, value: float | None, now: datetime) -> State:
    """What is to be said of a goal that was not withdrawn; from its end on whether it is achieved."""
    if now >= course.ends_at:
        return "achieved" if value is not None and course.meets(value) else "missed"
    expected = forecast(course, value, now)
    if expected is None:
        return "on_track" if course.elapsed(now) < TOO_EARLY else "behind"
    if course.meets(expected):
        return "on_track"
    if course.holds:
        return "at_risk" if _missed_by(course, expected) <= NEARLY_HELD else "behind"
    return "at_risk" if _way(course, expected) >= AT_RISK else "behind"


def pace(course: Course, value: float | None, now: datetime, *, before: float | None = None) -> Pace:
    """By how much it must move in a week and did; `before` is by how much it did in a week before the goal began."""
    here = course.start if value is None else value
    left, gone = course.ends_at - max(now, course.began_at), now - course.began_at
    needed = 0.0 if course.meets(here) else (course.target - here) / (left / A_WEEK) if left > timedelta(0) else None
    if value is None or course.elapsed(now) < TOO_EARLY:
        return Pace(needed, before)
    return Pace(needed, (value - course.start) / (min(gone, course.ends_at - course.began_at) / A_WEEK))


def mean_progress(parts: Iterable[tuple[float, float]]) -> float | None:
    """What parts, as weight and progress, come to together, in percent. None where there are none."""
    weighed = list(parts)
    total = sum(weight for weight, _ in weighed)
    return WHOLE * sum(weight * progress for weight, progress in weighed) / total if weighed and total > 0 else None


def _way(course: Course, value: float) -> float:
    return (value - course.start) / (course.target - course.start)


def _expected(course: Course, value: float, now: datetime) -> float:
    expected = forecast(course, value, now)
    return value if expected is None else expected


def _missed_by(course: Course, value: float) -> float:
    """Which part of the target is missing, or too much."""
    off = abs(value - course.target)
    return off / abs(course.target) if course.target else off
