"""What somebody may do with a nomination."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, ILLEGAL_TRANSITION, ProblemType
from chassis.security.authority import Standing
from chassis.security.permissions import Reach
from services.gamification.permissions import PROMOTIONS_DECIDE
from services.gamification.promotions.models import Nomination
from services.gamification.promotions.problems import NOT_ON_COMMITTEE


@dataclass(frozen=True, slots=True)
class SeenNomination:
    """A nomination, what its reader is in the community, and who may vote on it."""

    nomination: Nomination
    standing: Standing
    electorate: Sequence[UUID]

    @property
    def is_about_reader(self) -> bool:
        """Whether the reader is the nominee."""
        return self.standing.member_id == self.nomination.member_id


def refusal(action: str, seen: SeenNomination) -> ProblemType | None:
    """Why the reader cannot vote on it, or decide it, now; None where they can."""
    if action == "decide" and Reach.ALL not in PROMOTIONS_DECIDE.reach(seen.standing.columns):
        return FORBIDDEN
    if seen.is_about_reader:
        return CONFLICT_OF_INTEREST
    if action == "vote" and seen.standing.member_id not in seen.electorate:
        return NOT_ON_COMMITTEE
    return None if seen.nomination.status == "nominated" else ILLEGAL_TRANSITION
