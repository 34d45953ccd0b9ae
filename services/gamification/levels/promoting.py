"""Giving a level that is given by decision, whoever decided."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import emit_many
from chassis.problems import ProblemType
from services.gamification.badges.awarding import judge
from services.gamification.ledger.wallets import lock_wallets, save
from services.gamification.levels.facts import Asked, facts_of
from services.gamification.levels.rules import lacks
from services.gamification.levels.service import begin, told

NOT_DECIDED = ProblemType(
    "level_not_decided",
    422,
    en="This is no level that is given by decision",
    zh="该等级不属于需要评定的等级",
)
NOT_NEXT = ProblemType("not_next_level", 409, en="This is not the member's next level", zh="该等级不是成员的下一等级")
XP_SHORT = ProblemType(
    "xp_short", 409, en="The member has too little xp for this level", zh="成员的经验值不足以晋升该等级"
)
NOT_FULFILLED = ProblemType(
    "conditions_not_met",
    409,
    en="The member does not fulfil what this level asks beside xp",
    zh="成员尚未满足该等级在经验值以外的条件",
)


async def give(
    session: AsyncSession, member_id: UUID, community_id: UUID, level: str, now: datetime
) -> tuple[str, str]:
    """Give a member the level after theirs, whoever decided so; answers the codes before and after.

    Raises `NOT_DECIDED`, `NOT_NEXT`, `XP_SHORT`, `NOT_FULFILLED`.
    """
    wallets = await lock_wallets(session, {member_id: community_id})
    (walk,) = await begin(session, list(wallets.values()), now)
    wallet = walk.wallet
    rung = walk.ladder.rung_of(level)
    if rung is None or not rung.decided:
        raise NOT_DECIDED(levels=[rung.code for rung in walk.ladder.rungs if rung.decided])
    walk.lapse(wallet.xp, now)
    before = walk.rung
    if rung.position != before.position + 1:
        raise NOT_NEXT(level=before.code)
    if wallet.xp < rung.xp:
        raise XP_SHORT(required=rung.xp, xp=wallet.xp)
    asked = Asked(member_id, community_id, wallet.joined_at, wallet.xp, wallet.level_position, (rung,))
    lacking = lacks(rung, (await facts_of(session, [asked], now))[member_id], now)
    if lacking:
        raise NOT_FULFILLED(missing=sorted({lack.kind for lack in lacking}))
    walk.to(rung.position, now)
    outgoing = await told(session, [walk], now)
    await save(session, wallets.values())
    await emit_many(session, outgoing)
    await judge(session, wallets, names=("level",), now=now)
    return before.code, rung.code
