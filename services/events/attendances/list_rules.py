"""What a row of an attendance list comes to. Pure."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from chassis.imports.refusals import RowRefused
from chassis.moments import StatusChange, status_then
from services.events.attendances.time_rules import Span, Written, moment_of


class Listed(NamedTuple):
    """What a row says. `silent`: the list has no column that says who came, so all did."""

    attended: str | None
    came_at: datetime | None
    left_at: datetime | None
    silent: bool = False


class Recorded(NamedTuple):
    """What is recorded of them, and whether a list said so."""

    in_at: datetime
    out_at: datetime | None
    by_list: bool


Outcome = Literal["unchanged", "absent"] | tuple[datetime, datetime | None]


def times_of(
    came: Written | None, left: Written | None, span: Span, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """When they came and left, at this activity. Raises `RowRefused`."""
    came_at = moment_of("checked_in_at", came, span) if came is not None else None
    if came is not None and came_at is None:
        came_at = span.starts_at  # on its day, at no time that is said
    left_at = moment_of("checked_out_at", left, span) if left is not None else None
    for field, moment in (("checked_in_at", came_at), ("checked_out_at", left_at)):
        if moment is not None and moment > now:
            raise RowRefused("in_the_future", field=field)
    if came_at is not None and came_at >= span.ends_at:
        raise RowRefused("after_the_end")
    if left_at is not None and came_at is None:
        raise RowRefused("out_without_in")
    if left_at is not None and came_at is not None and left_at < came_at:
        raise RowRefused("out_before_in")
    return came_at, left_at


def attended_of(listed: Listed, span: Span, *, before: Recorded | None, check_out: bool) -> Outcome:
    """What is to be recorded: when they came and left, that they were not there, or nothing new.

    A list corrects wholly what a list recorded. What was recorded at the door it corrects where it says more. Raises `RowRefused`.
    """
    if listed.attended == "no":
        if listed.came_at is not None or listed.left_at is not None:
            raise RowRefused("absent_with_times")
        return "unchanged" if before is None else "absent"
    came = listed.silent or listed.came_at is not None or listed.attended is not None
    if not came:
        return "absent" if before is not None and before.by_list else "unchanged"
    if before is not None and not before.by_list and _says_nothing_else(listed, before, check_out=check_out):
        return "unchanged"
    in_at, out_at = listed.came_at or span.starts_at, listed.left_at
    if out_at is None and listed.attended == "whole":
        out_at = span.ends_at
    if before is not None and (in_at, out_at) == before[:2]:
        return "unchanged"
    return in_at, out_at


def was_a_member(status: str, joined_at: datetime, changes: Sequence[StatusChange], span: Span) -> bool:
    """Whether they belonged to the community while the activity went on; without a history, as far as what is known now says."""
    if changes:
        return any(status_then(changes, at) != "stranger" for at in (span.starts_at, span.ends_at))
    return joined_at <= span.ends_at and status not in {"left", "expelled"}


def is_another_name(written: str, known: str | None) -> bool:
    """Whether two names are of different people: neither is part of the other, as `张伟` is of `张伟（市场部）`."""
    one, other = _folded(written), _folded(known or "")
    return bool(one and other) and one not in other and other not in one


def _says_nothing_else(listed: Listed, before: Recorded, *, check_out: bool) -> bool:
    """Whether each time that a row says is the recorded one, to the minute or the second in which it is written."""
    if listed.attended == "whole" and check_out and listed.left_at is None:
        return False
    return _same(listed.came_at, before.in_at) and (not check_out or _same(listed.left_at, before.out_at))


def _same(said: datetime | None, known: datetime | None) -> bool:
    if said is None or known is None:
        return said is None
    exact = known.replace(microsecond=0)
    return said == (exact.replace(second=0) if said.second == 0 else exact)


def _folded(name: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", name).casefold() if one.isalnum())
