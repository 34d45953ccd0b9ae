"""What the clock finds about rules and concerns more than the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
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


@dataclass(frozen=True, slots=True)
class RulesPublished:
    """These rules are in force from now on; the community is locked."""

    community_id: UUID
    rule_set_id: UUID
    rules: Sequence[Mapping[str, Any]]
    at: datetime


rules_published: Occasion[RulesPublished, None] = Occasion("rules published")
"""A version is in force in place of the one before."""


@dataclass(frozen=True, slots=True)
class RulesAcknowledged:
    """Somebody has acknowledged the rules in force."""

    community_id: UUID
    rule_set_id: UUID
    person_id: UUID
    at: datetime


rules_acknowledged: Occasion[RulesAcknowledged, None] = Occasion("rules acknowledged")
"""What asked them to do so is done."""
rules_due: Occasion[RulesDue, None] = Occasion("rules due")
"""It is time to remind members of the rules."""
