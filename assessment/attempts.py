"""One attempt at a paper: until when it lasts, what is saved, and what counts. All times are those of the server.

`extra` (time for one person) and the pauses of reopened attempts move both limits, the time for the paper and the end of the window, so
what somebody is given cannot be cut off by the other limit.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from assessment.questions import Answer

State = Literal["running", "handed_in"]


@dataclass(frozen=True, slots=True)
class Window:
    """When a paper may be begun and how long it may take; None: no such limit. `closes_at` is no longer inside."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to an attempt. `moved` is by how much its limits are later than everybody's: extra time and pauses."""

    started_at: datetime
    moved: timedelta = timedelta(0)
    handed_in_at: datetime | None = None


def ends_at(window: Window, course: Course) -> datetime | None:
    """When the attempt ends by itself; None if nothing ends it."""
    ends = [course.started_at + window.lasts] if window.lasts is not None else []
    if window.closes_at is not None:
        ends.append(window.closes_at)
    return min(ends) + course.moved if ends else None


def handed_in(window: Window, course: Course, now: datetime) -> datetime | None:
    """Since when it is handed in: by the person, or by the clock; None while it runs. Nothing is taken at its very end or later."""
    if course.handed_in_at is not None:
        return course.handed_in_at
    end = ends_at(window, course)
    return end if end is not None and now >= end else None


def state(window: Window, course: Course, now: datetime) -> State:
    """Whether answers are still taken."""
    return "running" if handed_in(window, course, now) is None else "handed_in"


def beginning_refusal(window: Window, now: datetime, *, extra: timedelta = timedelta(0)) -> str | None:
    """The problem code with which an attempt would not be begun now; `extra` is what this person was given before."""
    if window.opens_at is not None and now < window.opens_at:
        return "not_open_yet"
    if window.closes_at is not None and now >= window.closes_at + extra:
        return "window_closed"
    return None


def closed(window: Window, course: Course, now: datetime) -> Course:
    """With the moment of its handing in written down, if that has come: what is given later does not take it back."""
    return replace(course, handed_in_at=handed_in(window, course, now))


def given_extra(window: Window, course: Course, extra: timedelta, now: datetime) -> Course:
    """With more time. What was handed in stays so until it is reopened, and then has this time, too."""
    course = closed(window, course, now)
    return replace(course, moved=course.moved + extra)


def reopened(window: Window, course: Course, now: datetime) -> Course:
    """Running again with what was left when it was handed in: the pause moves both limits. What runs is left as it is."""
    course = closed(window, course, now)
    if course.handed_in_at is None:
        return course
    return Course(course.started_at, course.moved + (now - course.handed_in_at))


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer as it was last saved: `sequence` is counted by the client, `received_at` is the server's."""

    answer: Answer
    sequence: int
    received_at: datetime


def saved(before: Saved | None, new: Saved) -> Saved:
    """What stands after a save arrived: the greatest sequence, in whatever order they come; of the same one, the first.

    An answer that is the same again keeps the time at which it was first received.
    """
    if before is None:
        return new
    if new.sequence <= before.sequence:
        return before
    return replace(new, received_at=before.received_at) if new.answer == before.answer else new
