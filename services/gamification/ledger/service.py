"""Posting to the ledger: transfers, balances, messages and whoever follows xp, in one go for many members."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from services.gamification.ledger.lots import follow
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.occasions import XpChange, XpMoved, xp_changed, xp_changing
from services.gamification.ledger.postings import Moved as Moved
from services.gamification.ledger.postings import Posting as Posting
from services.gamification.ledger.postings import moved_of as moved_of
from services.gamification.ledger.rules import Account, sides
from services.gamification.ledger.telling import event_of
from services.gamification.ledger.wallets import WalletState, save
from services.gamification.ledger.wallets import lock_wallets as lock_wallets
from services.gamification.ledger.wallets import next_versions as next_versions

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]


async def post(
    session: AsyncSession, postings: Sequence[Posting], wallets: Mapping[UUID, WalletState], now: datetime
) -> None:
    """Write the postings in their order to locked wallets, and tell of them; fills in each one's `transfer_ids`."""
    if not postings:
        return
    postings = [*await follow(session, postings, wallets, now), *postings]
    actor = context_of(session).actor
    rows: list[dict[str, Any]] = []
    outgoing: list[Outgoing] = []
    changes: list[XpChange] = []
    touched: dict[UUID, WalletState] = {}
    for posting in postings:
        wallet = touched[posting.member_id] = wallets[posting.member_id]
        posting_id = new_id()
        common = _common(posting, posting_id, now, actor) | {"told_no": wallet.bump()}
        for move in _moves(posting):
            part = move.pop("part", move["currency"])
            rows.append(move | common | {"idempotency_key": idempotency_key(f"{posting.key}:{part}")})
            posting.transfer_ids.append(move["id"])
        points, xp = posting.gains()
        wallet.points += points
        wallet.xp += xp
        if xp:
            changes.append(XpChange(posting.member_id, wallet.community_id, xp, posting.occurred_at))
        event = event_of(posting, points=wallet.points, xp=wallet.xp)
        # Its id is the posting's: so it is told again as the same.
        told = Outgoing(event, common["told_no"], posting.occurred_at, cause=posting.cause, id=posting_id, kept=True)
        told.backfill = posting.backfill
        outgoing.append(told)
    await insert_many(session, _transfers, rows)
    moved: XpMoved | None = None
    if changes:
        history = _only_history(postings)
        moved = XpMoved(changes, touched, now, history)
        subjects = {str(member_id) for member_id in history}
        for messages in await xp_changing.happened(session, moved):
            for message in messages:
                # Who climbs by history alone is not congratulated today.
                message.backfill = True if message.event.subject() in subjects else message.backfill
                outgoing.append(message)
    await save(session, touched.values())
    await emit_many(session, outgoing)
    if moved is not None:
        await xp_changed.happened(session, moved)


def _only_history(postings: Sequence[Posting]) -> frozenset[UUID]:
    """The members all of whose postings are history."""
    present = {posting.member_id for posting in postings if not posting.backfill}
    return frozenset({posting.member_id for posting in postings if posting.backfill} - present)


def idempotency_key(text: str) -> UUID:
    """A key of any length as the 16 bytes that the database indexes."""
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def _moves(posting: Posting) -> list[dict[str, Any]]:
    if posting.reverses:
        return [
            {
                "id": new_id(),
                "currency": moved.currency,
                "debit": moved.credit,
                "credit": moved.debit,
                "amount": moved.amount,
                "reverses": moved.id,
            }
            for moved in posting.reverses
        ]
    if posting.lots:
        return [
            {
                "id": new_id(),
                "currency": "points",
                "debit": "wallet",
                "credit": "expiry",
                "amount": amount,
                "reverses": None,
                "part": lot_id,
            }
            for lot_id, amount in posting.lots
        ]
    moves: list[dict[str, Any]] = []
    other = _ACCOUNTS.get(posting.kind)
    for currency, gain in (("points", posting.points), ("xp", posting.xp)):
        if gain:
            debit, credit, amount = sides(gain, account=other or ("issuance" if gain > 0 else "penalty"))
            moves.append(
                {
                    "id": posting.points_id if posting.points_id and currency == "points" else new_id(),
                    "currency": currency,
                    "debit": debit,
                    "credit": credit,
                    "amount": amount,
                    "reverses": None,
                }
            )
    return moves


_ACCOUNTS: dict[str, Account] = {"redemption": "redemption", "expiry": "expiry", "penalty": "penalty"}


def _common(posting: Posting, posting_id: UUID, now: datetime, actor: str) -> dict[str, Any]:
    return {
        "posting_id": posting_id,
        "community_id": posting.community_id,
        "member_id": posting.member_id,
        "kind": posting.kind,
        "reason": posting.reason,
        "rule_code": posting.rule_code,
        "rule_version": posting.rule_version,
        "thing": posting.thing,
        "source_id": posting.source_id,
        "source_type": posting.source_type,
        "target_kind": posting.target_kind,
        "target_id": posting.target_id,
        "occurred_at": posting.occurred_at,
        "recorded_at": now,
        "why": posting.why,
        "actor": actor,
    }
