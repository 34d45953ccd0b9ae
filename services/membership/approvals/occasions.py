"""What happens to approvals and is told in the same transaction, because no message tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion

Step = Literal["asked", "passed", "answered"]


@dataclass(frozen=True, slots=True)
class ApprovalMoved:
    """Whose turn it is now: `people` are to answer or have the answer; without any it waits for the owners. `title` is the campaign's."""

    application_id: UUID
    community_id: UUID
    title: str
    step: Step
    people: Sequence[UUID]
    due_at: datetime
    by: str
    at: datetime


approval_moved: Occasion[ApprovalMoved, None] = Occasion("approval moved")
"""It was asked for, is open to the owners, or was answered."""
