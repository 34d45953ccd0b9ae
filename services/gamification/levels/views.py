"""How ladders and a member's way on one read, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.projections.members import embedded
from services.gamification.ledger.models import Wallet
from services.gamification.levels.facts import Asked, facts_of
from services.gamification.levels.ladders import Ladder, ladder_of
from services.gamification.levels.rules import GRACE, KEEPING_PERCENT, Facts, Rung, lacks
from services.gamification.levels.schemas import CountPublic, LadderPublic, Missing, ProgressPublic, RungPublic


def ladder_public(community_id: UUID, ladder: Ladder, locale: Locale) -> LadderPublic:
    """A ladder as it is answered."""
    return LadderPublic(
        community_id=community_id,
        version=ladder.version,
        settling=ladder.settling,
        grace_days=GRACE.days,
        items=[rung_public(rung, locale) for rung in ladder.rungs],
    )


def rung_public(rung: Rung, locale: Locale) -> RungPublic:
    """A level as it is answered."""
    return RungPublic(
        code=rung.code,
        name=rung.zh if locale == "zh-CN" else rung.en,
        name_zh=rung.zh,
        name_en=rung.en,
        position=rung.position,
        xp=rung.xp,
        keeps_at=-(-rung.xp * KEEPING_PERCENT // 100),
        decided=rung.decided,
        tenure_days=rung.tenure_days,
        no_live_penalty=rung.no_live_penalty,
        badges=list(rung.badges),
        counts=[
            CountPublic(
                counter=one.counter.name,
                trigger=one.counter.trigger,
                beneficiary=one.counter.beneficiary,
                at_least=one.at_least,
            )
            for one in rung.counts
        ],
        perks=list(rung.perks),
    )


async def progress(
    session: AsyncSession, member_id: UUID, community_id: UUID, now: datetime, locale: Locale
) -> ProgressPublic:
    """How far a member is from the next level."""
    wallet = await session.get(Wallet, member_id) or Wallet(
        member_id=member_id, community_id=community_id, created_at=now
    )
    ladder = await ladder_of(session, community_id)
    held, rung = ladder.held(wallet), ladder.level(wallet, now)
    above = ladder.above(rung.position)
    facts: Mapping[UUID, Facts] = {}
    if above is not None and above.asks_more:
        asked = Asked(member_id, community_id, wallet.joined_at, wallet.xp, rung.position, (above,))
        facts = await facts_of(session, [asked], now)
    kept = rung.position == held.position
    return ProgressPublic(
        member=(await embedded(session, [member_id]))[member_id],
        xp=wallet.xp,
        level=rung_public(rung, locale),
        since=held.since if kept else None,
        next=rung_public(above, locale) if above else None,
        missing=_missing(above, wallet.xp, facts.get(member_id, Facts()), now) if above else [],
        lost_at=held.below_since + GRACE if held.below_since and kept else None,
        as_of=await as_of(session, now),
    )


def _missing(above: Rung, xp: int, facts: Facts, now: datetime) -> list[Missing]:
    missing = [Missing(kind="xp", required=above.xp, current=xp, missing=above.xp - xp)] if xp < above.xp else []
    missing += [
        Missing(
            kind=lack.kind,
            required=lack.required,
            current=lack.current,
            missing=abs(lack.required - lack.current),
            code=lack.code,
            at=lack.at,
        )
        for lack in lacks(above, facts, now)
    ]
    return missing + ([Missing(kind="decision", required=1, current=0, missing=1)] if above.decided else [])
