"""What happens to penalties and concerns other features."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


penalty_revised: Occasion[PenaltyFollowed, None] = Occasion("penalty revised")
"""A penalty says something else than before, and this service has followed."""
