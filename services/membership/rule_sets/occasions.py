"""What the clock finds about rules and concerns more than the rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class RulesDue:
    """These members, at most some hundreds, have not acknowledged the rules in force, and `left` of their time is left."""

    community_id: UUID
    rule_set_id: UUID
    left: timedelta
    member_ids: tuple[UUID, ...]
    at: datetime


rules_due: Occasion[RulesDue, None] = Occasion("rules due")
"""It is time to remind members of the rules."""
