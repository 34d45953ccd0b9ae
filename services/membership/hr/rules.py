"""Which of two messages about somebody counts; pure. They may come in any order, and any of them twice."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.membership.people.rules import Status

_BELONGS_TO = {"grade_since": "job_grade", "left_on": "status"}
"""A field that whoever speaks of the other decides as well, by silence too."""


def place(version: int, moment: datetime, message_id: str) -> list[Any]:
    """Where a message stands among those about one person: by its version where the sender counts, then by when it happened."""
    return [version, moment.astimezone(UTC).isoformat(timespec="microseconds"), message_id]


def spoken_of(values: Mapping[str, Any]) -> set[str]:
    """The fields that a message decides."""
    return set(values) | {field for field, other in _BELONGS_TO.items() if other in values}


def news(known: Mapping[str, Sequence[Any]], values: Mapping[str, Any], at: Sequence[Any]) -> dict[str, Any]:
    """What a message says of fields that no later message has spoken of."""
    return {field: value for field, value in values.items() if list(known.get(field, ())) < list(at)}


def followed(
    known: Mapping[str, Sequence[Any]], fields: Collection[str], at: Sequence[Any]
) -> dict[str, Sequence[Any]]:
    """The places after a message that decides these fields."""
    return {**known, **{field: list(at) for field in fields if list(known.get(field, ())) < list(at)}}


def keeps_status(now: str | None, wanted: str | None) -> bool:
    """Whether somebody stays as they are: being employed lets nobody back in whom an administrator has suspended."""
    return wanted == Status.ACTIVE and now is not None and now != Status.LEFT
