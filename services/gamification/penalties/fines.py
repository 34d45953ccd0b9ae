"""Fines: what a penalty takes from a wallet, and what of it goes back. Points alone, never xp.

What stands is reversed and what is left of it posted anew, in one transaction: so lots move by the difference alone, and what goes back
returns to the lots that it came from. What somebody does not have they owe, as with an award that is taken back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.ids import new_id
from chassis.penalties import Step
from services.gamification.ledger.service import Moved, Posting, post
from services.gamification.ledger.telling import PENALTY
from services.gamification.ledger.wallets import WalletState
from services.gamification.penalties.models import Fine

_fines: Any = Fine.__table__  # type: ignore[attr-defined]
_FIELDS: Final = ("penalty_id", "member_id", "transfer_id", "amount", "occurred_at")


async def settle_fines(
    session: AsyncSession, steps: Sequence[Step], wallets: Mapping[UUID, WalletState], now: datetime
) -> dict[UUID, int]:
    """Take what these penalties fine now, and give back what they do not; answers the points that each gave back, below zero what it took.

    The wallets are locked.
    """
    moved = [step for step in steps if step.is_news and step.now.fine != step.before.fine]
    if not moved:
        return {}
    standing = await _standing(session, [step.now.id for step in moved])
    postings: list[Posting] = []
    rows: list[dict[str, Any]] = []
    gains: dict[UUID, int] = {}
    for step in moved:
        before = standing.get(step.now.id)
        if before is not None:
            postings.append(_given_back(step, before))
        if step.now.fine:
            fine = _taken(step, now)
            postings.append(fine)
            rows.append(
                {
                    "penalty_id": step.now.id,
                    "member_id": step.now.member_id,
                    "transfer_id": fine.points_id,
                    "amount": step.now.fine,
                    "occurred_at": fine.occurred_at,
                }
            )
        gains[step.now.id] = (before.amount if before is not None else 0) - step.now.fine
    await post(session, postings, wallets, now)
    await session.execute(delete(_fines).where(among(session, _fines.c.penalty_id, list(standing))))
    await insert_many(session, _fines, rows)
    return gains


async def _standing(session: AsyncSession, penalty_ids: Sequence[UUID]) -> dict[UUID, Any]:
    found = select(*[_fines.c[name] for name in _FIELDS]).where(among(session, _fines.c.penalty_id, penalty_ids))
    return {row.penalty_id: row for row in await session.execute(found)}


def _taken(step: Step, now: datetime) -> Posting:
    penalty = step.now
    return Posting(
        member_id=penalty.member_id,
        community_id=penalty.community_id,
        # The same whichever revision came first.
        occurred_at=min(penalty.since or now, now),
        kind="penalty",
        key=f"penalty:{penalty.id}:{penalty.revision}",
        points=-penalty.fine,
        points_id=new_id(),
        cause=step.cause,
        **_of(penalty.id),
    )


def _given_back(step: Step, fine: Any) -> Posting:
    return Posting(
        member_id=fine.member_id,
        community_id=step.now.community_id,
        occurred_at=fine.occurred_at,
        kind="reversal",
        key=f"reversal:{fine.transfer_id}",
        reverses=[Moved(fine.transfer_id, "points", "wallet", "penalty", fine.amount)],
        why="recounted",
        cause=step.cause,
        **_of(step.now.id),
    )


def _of(penalty_id: UUID) -> dict[str, Any]:
    return {
        "source_id": penalty_id,
        "source_type": PENALTY,
        "target_kind": "penalty",
        "target_id": str(penalty_id),
    }
