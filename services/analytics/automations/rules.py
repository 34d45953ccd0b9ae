"""What sets an automation off, whom it concerns, and when it may be switched on. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

TriggerKind = Literal["insight", "risk", "event", "silence"]
Tell = Literal["the_member", "mentors", "operators"]
Status = Literal["off", "on"]

MOST: Final = 50
"""Automations of a community."""
MOST_ALIKE: Final = 4
"""Of these so many about the same members listen to one event, as each deed sets off all of them: one for each who may be told, and one that only raises."""
TRIED_OVER: Final = timedelta(days=30)
"""A dry run looks at so long."""
QUIET_FOR: Final = timedelta(hours=36)
"""So long after history was told, what is found in figures sets nothing off: the next morning, a late one too, rules look at it."""
SEVERITIES: Final = ("low", "medium", "high")
CATCHES_UP: Final = timedelta(days=3)
"""Who was silent for long enough is looked for so much longer: a worker may have been off for a while."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that sets automations off, about a member or about nobody."""

    community_id: UUID
    listens_to: str
    kind: str
    id: UUID
    member_id: UUID | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Whom an automation is about; None is anybody."""

    cohort_id: UUID | None = None
    channel: str | None = None
    min_severity: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a member."""

    cohort_id: UUID | None
    channel: str | None
    roles: Collection[str] = ()
    gone: bool = False


def listens_to(kind: TriggerKind, *, code: str | None = None, type_: str | None = None) -> str:
    """What an automation listens to, as its row and causes say it."""
    match kind:
        case "insight":
            return f"insight {code}"
        case "event":
            return f"event {type_}"
    return str(kind)


FIELDS: Final[Mapping[TriggerKind, str | None]] = {"insight": "code", "event": "type", "silence": "days", "risk": None}
"""What a trigger says besides its kind."""


def concerns(condition: Condition, cause: Cause, member: Known | None) -> bool:
    """Whether a cause sets an automation off."""
    if _is_milder(cause.severity, condition.min_severity):
        return False
    if cause.member_id is None:
        return condition.cohort_id is None and condition.channel is None
    if member is None or member.gone:
        return False
    return condition.cohort_id in (None, member.cohort_id) and condition.channel in (None, member.channel)


def _is_milder(severity: str | None, least: str | None) -> bool:
    return severity is not None and least is not None and SEVERITIES.index(severity) < SEVERITIES.index(least)


def was_silent(joined_on: date, first_active_on: date | None, days: int) -> bool:
    """Whether a member did nothing for so many days after joining."""
    return first_active_on is None or first_active_on >= joined_on + timedelta(days=days)


def refusal(action: str, *, status: str, tried_version: int | None, version: int) -> str | None:
    """The code of the refusal, None where it may be done."""
    if action == "switch_on":
        return "illegal_transition" if status == "on" else None if tried_version == version else "not_tried"
    if action == "switch_off":
        return "illegal_transition" if status == "off" else None
    return None
