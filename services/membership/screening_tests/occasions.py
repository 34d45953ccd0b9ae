"""What happens about tests and concerns more than them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion

Step = Literal["opened", "closing", "extended", "reopened"]


@dataclass(frozen=True, slots=True)
class TestDue:
    """An applicant can take the test of a campaign of this title, and why they are told now. `attempt_id` is what runs on, `until` when it can be done."""

    application_id: UUID
    person_id: UUID
    community_id: UUID
    title: str
    until: datetime | None
    step: Step
    at: datetime
    attempt_id: UUID | None = None


test_due: Occasion[TestDue, None] = Occasion("test due")
"""It is time to tell an applicant of their test."""
