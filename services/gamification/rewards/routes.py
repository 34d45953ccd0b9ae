"""HTTP of rewards."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.gamification.permissions import REWARDS_READ, REWARDS_WRITE
from services.gamification.rewards import catalogue, problems, queries
from services.gamification.rewards.access import SeenReward, runs_catalogue, seen_reward
from services.gamification.rewards.models import Reward
from services.gamification.rewards.rules import RewardKind
from services.gamification.rewards.schemas import (
    KIND,
    CodesAdd,
    CodesAdded,
    HookSecret,
    RewardCreate,
    RewardPatch,
    RewardPublic,
    StockChange,
)
from services.gamification.rewards.views import listed, shown

router = api_router(tags=["Rewards"])

ALL = "/v1/rewards"
ONE = "/v1/rewards/{reward_id}"


@router.post(ALL, status_code=201)
@operation(permission=REWARDS_WRITE)
async def create_reward(body: RewardCreate, work: Write, response: Response, locale: Localised) -> RewardPublic:
    """Offer members something for their points, in one community or in several."""
    reward = await catalogue.create(work, body)
    created(response, f"{ALL}/{reward.id}")
    return await _shown(work, reward, response, locale)


@router.get(ALL)
@operation(permission=REWARDS_READ)
async def list_rewards(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    kind: Annotated[RewardKind | None, Query(), KIND] = None,
    affordable: Annotated[bool, Query(description="Only what the caller has points for.")] = False,
) -> Page[RewardPublic]:
    """List what is offered in a community, the cheapest first, with what the caller had of it."""
    standing = await authorize(work.session, work.caller, REWARDS_READ, community_id, now=work.now)
    most = None
    if affordable:
        wallet = await queries.wallet_of(work.session, standing.member_id) if standing.member_id else None
        most = await queries.available(work.session, wallet, work.now)
    rewards = queries.listing(community_id, kind, most=most, hidden_too=runs_catalogue(standing))
    return await paginate_together(
        work.session, rewards, page=page, to=lambda rows: listed(work, rows, standing, locale)
    )


@router.get(ONE)
@operation(permission=REWARDS_READ)
async def read_reward(
    reward_id: UUID,
    work: Read,
    response: Response,
    locale: Localised,
    community_id: Annotated[
        UUID | None, Query(description="Where the caller sees it; left out: in the community that runs it.")
    ] = None,
) -> RewardPublic:
    """Read a reward."""
    seen = await seen_reward(work, reward_id, community_id)
    set_etag(response, seen.reward.version)
    return await shown(work, seen, locale)


@router.patch(ONE)
@operation(permission=REWARDS_WRITE)
async def update_reward(
    reward_id: UUID, body: RewardPatch, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> RewardPublic:
    """Change what is offered, for how many points, where and until when."""
    return await _shown(work, await catalogue.change(work, reward_id, body, if_match), response, locale)


@router.post(f"{ONE}/stock")
@operation(
    permission=REWARDS_WRITE, problems=[problems.STOCK_ARE_CODES, problems.STOCK_SHORT, problems.STOCK_TOO_LARGE]
)
async def restock_reward(
    reward_id: UUID, body: StockChange, work: Write, response: Response, locale: Localised
) -> RewardPublic:
    """Count what came into stock, or went otherwise than by redemption."""
    return await _shown(work, await catalogue.restock(work, reward_id, body), response, locale)


@router.post(f"{ONE}/voucher-codes")
@operation(permission=REWARDS_WRITE, problems=[problems.NO_CODES_HERE, problems.STOCK_TOO_LARGE])
async def add_voucher_codes(reward_id: UUID, body: CodesAdd, work: Write) -> CodesAdded:
    """Hand in codes of vouchers. Each is given to one redemption, and never again; no operation lists them."""
    return await catalogue.add_codes(work, reward_id, body)


@router.get(f"{ONE}/hook-secret")
@operation(permission=REWARDS_WRITE)
async def read_hook_secret(reward_id: UUID, work: Write, response: Response) -> HookSecret:
    """Read with what calls of a reward's webhook are signed. Each time is recorded."""
    response.headers["Cache-Control"] = "no-store"
    return HookSecret(secret=await catalogue.hook_secret(work, reward_id))


async def _shown(work: Work, reward: Reward, response: Response, locale: Locale) -> RewardPublic:
    standing = await authorize(work.session, work.caller, REWARDS_WRITE, reward.community_id, now=work.now)
    set_etag(response, reward.version)
    return await shown(work, SeenReward(reward, standing), locale)
