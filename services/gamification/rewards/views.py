"""How rewards become answers."""

from collections.abc import Sequence
from uuid import UUID

from chassis.locale import Locale
from chassis.problems import catalogue
from chassis.projections.communities import communities_embedded
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.gamification.levels.ladders import ladder_of
from services.gamification.rewards import queries, redemption_queries
from services.gamification.rewards.access import SeenReward, runs_catalogue
from services.gamification.rewards.models import Reward, offer_of
from services.gamification.rewards.pictures import shown_picture
from services.gamification.rewards.rules import Buyer, refusal
from services.gamification.rewards.schemas import RewardMine, RewardPublic


async def shown(work: Work, seen: SeenReward, locale: Locale) -> RewardPublic:
    """A reward as it is answered."""
    return (await listed(work, [seen.reward], seen.standing, locale))[0]


async def listed(work: Work, rewards: Sequence[Reward], standing: Standing, locale: Locale) -> list[RewardPublic]:
    """Rewards as somebody sees them in a community. Where else they are offered only those who run the catalogue read."""
    runs = runs_catalogue(standing)
    where = await queries.communities_of(work.session, [one.id for one in rewards]) if runs else {}
    here = standing.community.id
    named = await communities_embedded(work.session, {here, *(each for some in where.values() for each in some)})
    mine = await _mine(work, rewards, standing.member_id, locale)
    levels = await _level_names(work, rewards, here, locale)
    return [
        RewardPublic(
            **one.model_dump() | ({} if runs else {"market_value": None, "hook_url": None}),
            communities=[found for each in where.get(one.id, [here]) if (found := named[each]) is not None],
            min_level_name=None if one.min_level is None else levels.get(one.min_level),
            picture=shown_picture(work, one),
            mine=mine.get(one.id),
        )
        for one in rewards
    ]


async def _level_names(work: Work, rewards: Sequence[Reward], community_id: UUID, locale: Locale) -> dict[int, str]:
    if all(one.min_level is None for one in rewards):
        return {}
    ladder = await ladder_of(work.session, community_id)
    return {rung.position: rung.name(locale) for rung in ladder.rungs}


async def _mine(
    work: Work, rewards: Sequence[Reward], member_id: UUID | None, locale: Locale
) -> dict[UUID, RewardMine]:
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
        limit, code = one.per_member_limit, refusal(offer_of(one), buyer, work.now)
        refused = None if code is None else catalogue[code]
        answers[one.id] = RewardMine(
            bought=buyer.bought,
            left=None if limit is None else max(0, limit - buyer.bought),
            refused=code,
            refused_text=None if refused is None else refused.zh if locale == "zh-CN" else refused.en,
        )
    return answers
