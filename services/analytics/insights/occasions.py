"""What happens with insights that other features follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class Morning:
    """The morning of some communities has come."""

    community_ids: Sequence[UUID]
    at: datetime


@dataclass(frozen=True, slots=True)
class Raised:
    """Insights of one code were raised in a community, each with its severity."""

    community_id: UUID
    code: str
    insights: Sequence[tuple[UUID, str]]
    at: datetime


@dataclass(frozen=True, slots=True)
class RisksTold:
    """Members of a community seem likely to leave."""

    community_id: UUID
    member_ids: Sequence[UUID]
    at: datetime


mornings: Occasion[Morning, None] = Occasion("mornings")
insights_raised: Occasion[Raised, None] = Occasion("insights raised")
risks_told: Occasion[RisksTold, None] = Occasion("risks told")
