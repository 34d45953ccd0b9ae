"""A reward, and what the caller is where they see it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.gamification.permissions import REWARDS_READ, REWARDS_WRITE
from services.gamification.rewards.models import Reward
from services.gamification.rewards.queries import is_offered_in


@dataclass(frozen=True, slots=True)
class SeenReward:
    """A reward, and the caller's standing in the community in which they see it."""

    reward: Reward
    standing: Standing


def runs_catalogue(standing: Standing) -> bool:
    """Whether somebody runs the catalogue of a community."""
    return Reach.ALL in REWARDS_WRITE.reach(standing.columns)


async def seen_reward(work: Work, key: UUID, community_id: UUID | None) -> SeenReward:
    """A reward as it is seen in a community; None: in the one that runs it. Raises `NOT_FOUND`, and what `authorize` raises."""
    reward = await existing(work.session, Reward, key)
    where = community_id or reward.community_id
    standing = await authorize(work.session, work.caller, REWARDS_READ, where, seen_by=REWARDS_READ, now=work.now)
    runs = runs_catalogue(standing) and where == reward.community_id
    if not runs and not (reward.offered and await is_offered_in(work.session, key, where)):
        raise NOT_FOUND()
    return SeenReward(reward, standing)
