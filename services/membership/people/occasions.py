"""What happens to people and concerns more than their own record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class PeopleConcerned:
    """Whom it happened to, and when."""

    ids: Sequence[UUID]
    at: datetime


people_locked_out: Occasion[PeopleConcerned, None] = Occasion("people locked out")
"""They were suspended, or lost a platform role that their tokens carry."""

people_left: Occasion[PeopleConcerned, None] = Occasion("people left")
"""They left the company."""

people_changed: Occasion[PeopleConcerned, None] = Occasion("people changed")
"""They were registered, came back, or something changed by which communities choose: department, grade, days, kind."""
