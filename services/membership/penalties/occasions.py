"""What happens to penalties and concerns other features."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.penalties.models import Penalty
from services.membership.roster.models import Member
from services.membership.roster.occasions import Returned


@dataclass(frozen=True, slots=True)
class PenaltyFollowed:
    """A penalty as a new revision has it, and its member, both locked; `was`: the status of the member before, `returned`: what goes on again."""

    penalty: Penalty
    member: Member
    was: str
    returned: Sequence[Returned]
    at: datetime


@dataclass(frozen=True, slots=True)
class PartiesSought:
    """A member of whom somebody wants to know to which of these cases they are a party."""

    member_id: UUID
    case_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class ReviewedSought:
    """Cases of which somebody wants to know whether a reviewer decided them."""

    case_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class AppealsSought:
    """Penalties of which somebody wants to know what was appealed against them."""

    penalty_ids: Collection[UUID]


appeals_sought: Occasion[AppealsSought, Mapping[UUID, UUID]] = Occasion("appeals sought")
"""The appeals against penalties, by penalty, as appeals say: each has one at most."""
parties_sought: Occasion[PartiesSought, Collection[UUID]] = Occasion("parties sought")
"""The cases that a member reported, as cases say: who did is no second person."""
reviewed_sought: Occasion[ReviewedSought, Collection[UUID]] = Occasion("reviewed sought")
"""The cases that an appointed reviewer decided, as cases say: nobody in the community takes back what follows from those."""
penalty_revised: Occasion[PenaltyFollowed, None] = Occasion("penalty revised")
"""A penalty says something else than before, and this service has followed."""
