"""HTTP of ladders and promotions."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.problems import CONFLICT_OF_INTEREST
from chassis.projections.members import embedded, member_for
from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from services.gamification.levels import promoting, service
from services.gamification.levels.rules import (
    DEFAULT_LADDER,
    GRACE,
    KEEPING_PERCENT,
    Rung,
    level_at,
)
from services.gamification.levels.schemas import LadderPublic, Missing, ProgressPublic, PromotionCreate, RungPublic
from services.gamification.permissions import EARNING_RULES_READ, PROMOTIONS_DECIDE, STANDING_READ

router = api_router(tags=["Levels"])


@router.get("/v1/ladders")
@operation(permission=EARNING_RULES_READ)
async def read_ladder(
    community_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> LadderPublic:
    """Read a community's ladder: its levels and the xp that each requires."""
    await authorize(session, caller, EARNING_RULES_READ, community_id, now=now)
    return LadderPublic(
        community_id=community_id,
        grace_days=GRACE.days,
        items=[_rung(rung, locale) for rung in DEFAULT_LADDER],
    )


@router.get("/v1/promotions/progress")
@operation(permission=STANDING_READ)
async def read_promotion_progress(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> ProgressPublic:
    """Read what a member lacks for the next level, and whether they are about to lose their current one."""
    await member_for(session, caller, STANDING_READ, member_id, now)
    return await _progress(session, member_id, now, locale)


@router.post("/v1/promotions", status_code=201)
@operation(
    permission=PROMOTIONS_DECIDE,
    problems=[promoting.NOT_DECIDED, promoting.NOT_NEXT, promoting.XP_SHORT, CONFLICT_OF_INTEREST],
    located=False,
)
async def decide_promotion(
    body: PromotionCreate, caller: CallerDep, session: Transaction, now: Now, locale: Localised
) -> ProgressPublic:
    """Give a member one of the levels that xp alone does not reach.

    It must be the level after their own, and they must have the xp that it requires. It is lost like any other: after the grace
    period below its `keeps_at`.
    """
    await promoting.promote(
        session, caller=caller, member_id=body.member_id, level=body.level, reason=body.reason, now=now
    )
    return await _progress(session, body.member_id, now, locale)


async def _progress(session: AsyncSession, member_id: UUID, now: datetime, locale: Locale) -> ProgressPublic:
    xp, held = await service.xp_and_level(session, member_id)
    position = level_at(DEFAULT_LADDER, held, xp, now)
    above = DEFAULT_LADDER[position + 1] if position + 1 < len(DEFAULT_LADDER) else None
    falling = held.below_since + GRACE if held.below_since and position == held.position else None
    return ProgressPublic(
        member=(await embedded(session, [member_id]))[member_id],
        xp=xp,
        level=_rung(DEFAULT_LADDER[position], locale),
        since=held.since if position == held.position else None,
        next=_rung(above, locale) if above else None,
        missing=_missing(above, xp) if above else [],
        lost_at=falling,
        as_of=await as_of(session, now),
    )


def _missing(above: Rung, xp: int) -> list[Missing]:
    missing = [Missing(kind="xp", required=above.xp, current=xp, missing=above.xp - xp)] if xp < above.xp else []
    return missing + ([Missing(kind="decision", required=1, current=0, missing=1)] if above.decided else [])


def _rung(rung: Rung, locale: Locale) -> RungPublic:
    return RungPublic(
        code=rung.code,
        name=rung.zh if locale == "zh-CN" else rung.en,
        position=rung.position,
        xp=rung.xp,
        decided=rung.decided,
        keeps_at=-(-rung.xp * KEEPING_PERCENT // 100),
    )
