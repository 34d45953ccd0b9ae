"""What a row of a recruitment history says, and how it goes together with what is known. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from chassis.identifiers import identifier_key
from chassis.imports.refusals import RowRefused
from chassis.tabular.numbers import whole_of
from services.membership.applications.rules import Outcome

MOST_VISITS: Final = 1_000_000_000
WAITS_AFTER_CLOSING: Final = timedelta(days=90)
_OF_A_DAY: Final = ("day", "visits")
_OF_A_PERSON: Final = ("employee_no", "applied_at", "decided_at", "outcome")


class Visited(NamedTuple):
    """How often a channel was looked at on a day."""

    channel: str
    day: date
    visits: int


class Applied(NamedTuple):
    """Somebody's application, and what was decided."""

    channel: str
    employee_key: str
    applied_at: datetime
    decided_at: datetime
    outcome: Outcome
    reason: str | None


def entry_of(values: dict[str, Any]) -> Visited | Applied:
    """The row, as one of the two. Raises `RowRefused` where it is neither, or half of both."""
    said = {name for name in (*_OF_A_DAY, *_OF_A_PERSON, "reason") if values.get(name) is not None}
    of_a_day = not said.isdisjoint(_OF_A_DAY)
    if of_a_day and not said.issubset(_OF_A_DAY):
        raise RowRefused("two_in_one")
    for name in _OF_A_DAY if of_a_day else _OF_A_PERSON:
        if name not in said:
            raise RowRefused("incomplete", field=name)
    if of_a_day:
        return Visited(values["channel"], values["day"], int(values["visits"]))
    return Applied(
        values["channel"],
        identifier_key(values["employee_no"]),
        values["applied_at"],
        values["decided_at"],
        values["outcome"],
        values.get("reason"),
    )


def visits_of(text: str) -> str:
    """A number of visits, as it is written down. Raises ValueError."""
    visits = whole_of(text)
    if visits > MOST_VISITS:
        raise ValueError(text)
    return str(visits)


@dataclass(frozen=True)
class Window:
    """From when to when a campaign accepted applications."""

    opens_at: datetime
    closes_at: datetime


def waits_since(row: Applied, window: Window, now: datetime) -> datetime | None:
    """Since when somebody waits for a seat; None for who waits no more, as the campaign was over long before anybody told of it.

    Whoever adds seats to an old campaign, so that the rest of its history comes in, must not let people in who waited years ago.
    """
    if row.outcome != "waitlisted" or window.closes_at + WAITS_AFTER_CLOSING <= now:
        return None
    return row.decided_at


def time_fault(row: Applied, window: Window, now: datetime) -> RowRefused | None:
    """Why a row's times cannot be."""
    for name in ("applied_at", "decided_at"):
        if getattr(row, name) > now:
            return RowRefused("in_the_future", field=name)
    if row.applied_at < window.opens_at:
        return RowRefused("before_opening", field="applied_at")
    if row.applied_at > window.closes_at:
        return RowRefused("after_closing")
    return RowRefused("decided_before_applying") if row.decided_at < row.applied_at else None


@dataclass(frozen=True)
class Known:
    """An application of the same person to the same campaign. `over_at`: since when another may follow; None as long as it stands."""

    submitted_at: datetime | None
    decided_at: datetime | None
    outcome: str | None
    over_at: datetime | None


Verdict = Literal["new", "unchanged", "already_applied", "decided_otherwise"]


def verdict_on(row: Applied, known: Iterable[Known]) -> Verdict:
    """Whether the row says something new. What was decided here after what it says holds, and the row is right none the less."""
    others = list(known)
    for one in others:
        if one.submitted_at == row.applied_at:
            same = one.decided_at == row.decided_at and one.outcome == row.outcome
            later = one.decided_at is not None and one.decided_at > row.decided_at
            return "unchanged" if same or later else "decided_otherwise"
    over_at = row.decided_at if row.outcome == "rejected" else None
    return "already_applied" if any(_overlap(row.applied_at, over_at, one) for one in others) else "new"


def _overlap(began_at: datetime, over_at: datetime | None, known: Known) -> bool:
    if known.submitted_at is None:
        # A draft stands in the way of what is not over.
        return known.over_at is None and over_at is None
    before = known.over_at is not None and known.over_at <= began_at
    after = over_at is not None and over_at <= known.submitted_at
    return not before and not after


Membership = Literal["new", "back", "same", "already_a_member"]


def membership_by(row: Applied, *, joined_at: datetime | None, ended_at: datetime | None) -> Membership:
    """What an acceptance makes of the membership that is known: whoever joined after applying is taken to have joined by it."""
    if joined_at is None:
        return "new"
    if joined_at >= row.applied_at:
        return "same"
    return "back" if ended_at is not None and ended_at <= row.applied_at else "already_a_member"
