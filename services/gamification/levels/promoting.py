"""Giving a level that xp alone does not reach: decided by an owner as long as the community names no committee."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import insert_many
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.problems import CONFLICT_OF_INTEREST, ProblemType
from chassis.projections.members import member_for
from chassis.security.caller import Caller
from contracts.gamification import LevelPromoted
from services.gamification.ledger.wallets import lock_wallets, save
from services.gamification.levels.models import LevelChangeRow
from services.gamification.levels.rules import DEFAULT_LADDER
from services.gamification.levels.service import lapse, row_of, told_of
from services.gamification.permissions import PROMOTIONS_DECIDE

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


async def promote(
    session: AsyncSession, *, caller: Caller, member_id: UUID, level: str, reason: str, now: datetime
) -> None:
    """Give a member the level after theirs. Raises `NOT_DECIDED`, `NOT_NEXT`, `XP_SHORT`, or `CONFLICT_OF_INTEREST`."""
    member = await member_for(session, caller, PROMOTIONS_DECIDE, member_id, now)
    if caller.kind == "person" and member.person_id == caller.id:
        raise CONFLICT_OF_INTEREST()
    rung = next((rung for rung in DEFAULT_LADDER if rung.code == level and rung.decided), None)
    if rung is None:
        raise NOT_DECIDED(levels=[rung.code for rung in DEFAULT_LADDER if rung.decided])
    wallet = (await lock_wallets(session, {member_id: member.community_id}))[member_id]
    rows: list[dict[str, Any]] = []
    messages: list[Outgoing] = []
    lapse(wallet, wallet.xp, now, rows, messages)
    before = DEFAULT_LADDER[wallet.level_position]
    if rung.position != before.position + 1:
        raise NOT_NEXT(level=before.code)
    if wallet.xp < rung.xp:
        raise XP_SHORT(required=rung.xp, xp=wallet.xp)
    rows.append(row_of(wallet, rung.position, now, now))
    messages.append(told_of(LevelPromoted, wallet, rung.position, now))
    wallet.level_position, wallet.level_since = rung.position, now
    await insert_many(session, LevelChangeRow.__table__, rows)  # type: ignore[attr-defined]
    await save(session, [wallet])
    await emit_many(session, messages)
    changes: dict[str, Sequence[Any]] = {"level": [before.code, rung.code], "reason": [None, reason]}
    await audit(
        session, caller, AuditObject("member", member_id, member.community_id), "promotions.decide", changes, now
    )
