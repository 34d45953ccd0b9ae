"""Reading rewards."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.gamification.base import known
from services.gamification.ledger import lots
from services.gamification.ledger.models import Wallet
from services.gamification.rewards.models import Reward, RewardCommunity

_offers: Any = RewardCommunity.__table__  # type: ignore[attr-defined]
_communities = known.communities.c
_ARCHIVED = select(_communities.id).where(_communities.status == "archived")
"""Nobody runs a catalogue there any more: what it offers elsewhere is offered no longer."""
_COMMUNITIES: Prepared[Any] = Prepared(
    lambda on: (
        select(col(RewardCommunity.reward_id), col(RewardCommunity.community_id))
        .where(on.among(col(RewardCommunity.reward_id), "ids"))
        .order_by(col(RewardCommunity.reward_id), col(RewardCommunity.community_id))
    )
)
_OFFERED_IN: Prepared[int] = Prepared(
    select(func.count())
    .select_from(RewardCommunity)
    .join(Reward, col(Reward.id) == col(RewardCommunity.reward_id))
    .where(
        col(RewardCommunity.reward_id) == bindparam("reward_id"),
        col(RewardCommunity.community_id) == bindparam("community_id"),
        (col(Reward.community_id) == col(RewardCommunity.community_id)) | col(Reward.community_id).not_in(_ARCHIVED),
    )
)
_WALLET: Prepared[Any] = Prepared(select(Wallet).where(col(Wallet.member_id) == bindparam("member_id")))


def listing(community_id: UUID, kind: str | None, *, most: int | None, hidden_too: bool) -> Listing:
    """What is offered in a community, the cheapest first; `most`: for so many points at most."""
    here = select(col(RewardCommunity.reward_id)).where(col(RewardCommunity.community_id) == community_id)
    run = (col(Reward.community_id) == community_id) | col(Reward.community_id).not_in(_ARCHIVED)
    found: list[ColumnElement[bool]] = [col(Reward.id).in_(here), run]
    if kind is not None:
        found.append(col(Reward.kind) == kind)
    if most is not None:
        found.append(col(Reward.cost) <= most)
    if not hidden_too:
        found.append(col(Reward.offered).is_(True))
    return Listing(select(Reward).where(*found), [col(Reward.cost).asc(), col(Reward.id).asc()])


async def communities_of(session: AsyncSession, reward_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Where these rewards are offered."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    if reward_ids:
        for reward_id, community_id in await _COMMUNITIES.all(session, ids=list(reward_ids)):
            found[reward_id].append(community_id)
    return found


async def is_offered_in(session: AsyncSession, reward_id: UUID, community_id: UUID) -> bool:
    """Whether a community's members can have it."""
    return bool(await _OFFERED_IN.one(session, reward_id=reward_id, community_id=community_id))


async def offer_in(session: AsyncSession, reward_id: UUID, communities: Collection[UUID]) -> None:
    """Offer a locked reward in these communities alone."""
    await session.execute(
        delete(RewardCommunity).where(
            col(RewardCommunity.reward_id) == reward_id, col(RewardCommunity.community_id).not_in(communities)
        )
    )
    rows = [{"reward_id": reward_id, "community_id": one} for one in sorted(communities)]
    await insert_new(session, _offers, rows, key=["reward_id", "community_id"])


async def wallet_of(session: AsyncSession, member_id: UUID) -> Wallet | None:
    """A member's wallet, without a lock."""
    return await _WALLET.first(session, member_id=member_id)


async def available(session: AsyncSession, wallet: Wallet | None, now: datetime) -> int:
    """What can be spent of a wallet."""
    return await lots.available(session, wallet, now) if wallet is not None else 0
