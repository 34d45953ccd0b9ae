"""What happens to second factors and concerns more than them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.people.occasions import PeopleConcerned

second_factors_reset: Occasion[PeopleConcerned, None] = Occasion("second factors reset")
"""Somebody else took theirs away, because it was lost; they are told."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose second factor counts from now on, and in which session they showed its first code."""

    person_id: UUID
    session_id: UUID
    at: datetime


second_factor_confirmed: Occasion[Confirmed, None] = Occasion("second factor confirmed")
"""Somebody has shown the first code of their app."""


@dataclass(frozen=True, slots=True)
class StaffSought:
    """Whose roles are asked for, and when."""

    person_id: UUID
    at: datetime


staff_sought: Occasion[StaffSought, datetime | None] = Occasion("staff sought")
"""Somebody may be staff by roles that this feature does not know: each effect answers since when they are; None where they are not."""
