"""How rewards become answers."""

from collections.abc import Sequence
from uuid import UUID

from chassis.projections.communities import communities_embedded
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.gamification.rewards import queries, redemption_queries
from services.gamification.rewards.access import SeenReward, runs_catalogue
from services.gamification.rewards.models import Reward, offer_of
from services.gamification.rewards.rules import Buyer, refusal
from services.gamification.rewards.schemas import RewardMine, RewardPublic


async def shown(work: Work, seen: SeenReward) -> RewardPublic:
    """A reward as it is answered."""
    return (await listed(work, [seen.reward], seen.standing))[0]


async def listed(work: Work, rewards: Sequence[Reward], standing: Standing) -> list[RewardPublic]:
    """Rewards as somebody sees them in a community. Where else they are offered only those who run the catalogue read."""
    runs = runs_catalogue(standing)
    where = await queries.communities_of(work.session, [one.id for one in rewards]) if runs else {}
    here = standing.community.id
    named = await communities_embedded(work.session, {here, *(each for some in where.values() for each in some)})
    mine = await _mine(work, rewards, standing.member_id)
    return [
        RewardPublic(
            **one.model_dump() | ({} if runs else {"market_value": None, "hook_url": None}),
            communities=[found for each in where.get(one.id, [here]) if (found := named[each]) is not None],
            mine=mine.get(one.id),
        )
        for one in rewards
    ]


async def _mine(work: Work, rewards: Sequence[Reward], member_id: UUID | None) -> dict[UUID, RewardMine]:
    if member_id is None:
        return {}
    wallet = await queries.wallet_of(work.session, member_id)
    bought = await redemption_queries.bought(work.session, member_id, [one.id for one in rewards])
    available = await queries.available(work.session, wallet, work.now)
    answers = {}
    for one in rewards:
        buyer = Buyer(
            available=available,
            level=wallet.level_position if wallet else 0,
            bought=bought.get(one.id, 0),
        )
        limit = one.per_member_limit
        answers[one.id] = RewardMine(
            bought=buyer.bought,
            left=None if limit is None else max(0, limit - buyer.bought),
            refused=refusal(offer_of(one), buyer, work.now),
        )
    return answers
