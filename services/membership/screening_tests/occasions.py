"""What the clock finds about tests and concerns more than them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class TestDue:
    """An applicant can take the test of a campaign of this title, `until` it closes for them; with `reminder` it closes soon."""

    application_id: UUID
    person_id: UUID
    community_id: UUID
    title: str
    until: datetime | None
    reminder: bool
    at: datetime


test_due: Occasion[TestDue, None] = Occasion("test due")
"""It is time to tell an applicant of their test."""
