"""How ladders and a member's way on one read, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.projections.members import embedded
from services.gamification.badges.views import Named, named
from services.gamification.badges.wording import title_of
from services.gamification.ledger.models import Wallet
from services.gamification.levels.facts import Asked, facts_of
from services.gamification.levels.ladders import Ladder, ladder_of
from services.gamification.levels.rules import GRACE, KEEPING_PERCENT, Facts, Lack, Rung, lacks
from services.gamification.levels.schemas import (
    AskedBadge,
    CountPublic,
    LadderPublic,
    Missing,
    ProgressPublic,
    RungPublic,
)

_ASKED: Final = {
    "xp": ("Experience points", "经验值"),
    "tenure": ("Days since joining", "加入天数"),
    "penalty": ("No live penalty", "没有生效中的处罚"),
    "decision": ("A decision", "评定"),
}


async def ladder_public(session: AsyncSession, community_id: UUID, ladder: Ladder, locale: Locale) -> LadderPublic:
    """A ladder as it is answered."""
    names = await _names(session, community_id, ladder.rungs, locale)
    return LadderPublic(
        community_id=community_id,
        version=ladder.version,
        settling=ladder.settling,
        grace_days=GRACE.days,
        items=[rung_public(rung, names, locale) for rung in ladder.rungs],
    )


async def _names(
    session: AsyncSession, community_id: UUID, rungs: Iterable[Rung], locale: Locale
) -> Mapping[str, Named]:
    return await named(session, community_id, {code for rung in rungs for code in rung.badges}, locale)


def rung_public(rung: Rung, names: Mapping[str, Named], locale: Locale) -> RungPublic:
    """A level as it is answered."""
    return RungPublic(
        code=rung.code,
        name=rung.name(locale),
        name_zh=rung.zh,
        name_en=rung.en,
        position=rung.position,
        xp=rung.xp,
        keeps_at=-(-rung.xp * KEEPING_PERCENT // 100),
        decided=rung.decided,
        tenure_days=rung.tenure_days,
        no_live_penalty=rung.no_live_penalty,
        badges=list(rung.badges),
        asked_badges=[
            AskedBadge(id=names[code].id, code=code, name=names[code].name) for code in rung.badges if code in names
        ],
        counts=[
            CountPublic(
                counter=one.counter.name,
                title=title_of(one.counter, locale),
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
    shown = [rung] if above is None else [rung, above]
    names = await _names(session, community_id, shown, locale)
    return ProgressPublic(
        member=(await embedded(session, [member_id]))[member_id],
        xp=wallet.xp,
        level=rung_public(rung, names, locale),
        since=held.since if kept else None,
        next=rung_public(above, names, locale) if above else None,
        missing=_missing(above, wallet.xp, facts.get(member_id, Facts()), names, now, locale) if above else [],
        lost_at=held.below_since + GRACE if held.below_since and kept else None,
        as_of=await as_of(session, now),
    )


def _missing(
    above: Rung, xp: int, facts: Facts, names: Mapping[str, Named], now: datetime, locale: Locale
) -> list[Missing]:
    found = [Lack("xp", above.xp, xp)] if xp < above.xp else []
    found += lacks(above, facts, now)
    found += [Lack("decision", 1, 0)] if above.decided else []
    return [
        Missing(
            kind=lack.kind,
            title=_title(above, lack, names, locale),
            required=lack.required,
            current=lack.current,
            missing=abs(lack.required - lack.current),
            code=lack.code,
            at=lack.at,
        )
        for lack in found
    ]


def _title(above: Rung, lack: Lack, names: Mapping[str, Named], locale: Locale) -> str:
    if lack.kind in _ASKED:
        en, zh = _ASKED[lack.kind]
        return zh if locale == "zh-CN" else en
    code = lack.code or ""
    if lack.kind == "badge":
        return names[code].name if code in names else code
    counters = {one.counter.trigger or one.counter.name: one.counter for one in above.counts}
    return title_of(counters[code], locale)
