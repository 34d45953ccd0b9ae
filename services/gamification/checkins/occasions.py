"""What happens to check-ins and concerns more than streaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from chassis.receipts import Receipt
from services.gamification.checkins.models import Checkin


@dataclass(frozen=True, slots=True)
class DayOffered:
    """A check-in that its member, whose wallet is locked, names plans for, with its evidence.

    `text_id`: by which moderation knows the note where it is the check-in's own, None where it was written for the plans alone.
    `person_id`: who checks in, and sent the files.
    """

    checkin: Checkin
    plan_ids: Sequence[UUID]
    note: str | None
    text_id: UUID | None
    link: str | None
    files: Sequence[Receipt]
    person_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What a plan says to it: `refused` says why it does not count. `source_id`: the deed of completing the plan, where it is that."""

    plan_id: UUID
    refused: str | None = None
    entry_id: UUID | None = None
    days_done: int | None = None
    days_needed: int | None = None
    completed: bool = False
    source_id: UUID | None = None


day_offered: Occasion[DayOffered, Sequence[PlanAnswer]] = Occasion("day offered to plans")
"""The check-in is written."""
