"""Posting to the ledger: transfers, balances, messages and whoever follows xp, in one go for many members."""

import re
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
from contracts.gamification import PointsAwarded, PointsExpired, PointsReversed, PointsSpent
from services.gamification.ledger.lots import follow
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.occasions import XpChange, XpMoved, xp_changed, xp_changing
from services.gamification.ledger.postings import Moved as Moved
from services.gamification.ledger.postings import Posting as Posting
from services.gamification.ledger.postings import moved_of as moved_of
from services.gamification.ledger.rules import Account, sides
from services.gamification.ledger.wallets import WalletState, save
from services.gamification.ledger.wallets import lock_wallets as lock_wallets
from services.gamification.ledger.wallets import next_versions as next_versions

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
        common = _common(posting, posting_id, now, actor)
        for move in _moves(posting):
            part = move.pop("part", move["currency"])
            rows.append(move | common | {"idempotency_key": idempotency_key(f"{posting.key}:{part}")})
            posting.transfer_ids.append(move["id"])
        points, xp = posting.gains()
        wallet.points += points
        wallet.xp += xp
        if xp:
            changes.append(XpChange(posting.member_id, wallet.community_id, xp, posting.occurred_at))
        outgoing.append(_message(posting, wallet, points, xp))
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


_LEAVING: dict[str, type[PointsSpent | PointsExpired]] = {"redemption": PointsSpent, "expiry": PointsExpired}
"""Kinds by which points leave a wallet; their messages count them above zero."""


def _left(posting: Posting, event_class: type[PointsSpent | PointsExpired], wallet: WalletState) -> Outgoing:
    data = {
        "community_id": wallet.community_id,
        "transfer_ids": tuple(posting.transfer_ids),
        "member_id": posting.member_id,
        "points": -posting.points,
        "kind": posting.kind,
        "object": _object(posting),
        "balance": {"points": wallet.points, "xp": wallet.xp},
    }
    event = event_class.model_validate(data)
    return Outgoing(
        event, wallet.bump(), posting.occurred_at, cause=posting.cause, backfill=posting.backfill, kept=True
    )


def _message(posting: Posting, wallet: WalletState, points: int, xp: int) -> Outgoing:
    leaving = _LEAVING.get(posting.kind)
    if leaving is not None and points < 0 and not xp:
        return _left(posting, leaving, wallet)
    event_class = PointsReversed if posting.reverses else PointsAwarded
    data: dict[str, Any] = {
        "community_id": wallet.community_id,
        "transfer_ids": tuple(posting.transfer_ids),
        "member_id": posting.member_id,
        "points": points,
        "xp": xp,
        "rule": {"code": posting.rule_code, "version": posting.rule_version or 0} if posting.rule_code else None,
        "kind": posting.kind,
        "cause": {"event_id": posting.source_id, "type": posting.source_type, "object": _object(posting)},
        "balance": {"points": wallet.points, "xp": wallet.xp},
    }
    if posting.reverses:
        data["reverses"] = tuple(moved.id for moved in posting.reverses)
    # Build all at once: building each part separately takes three times as long.
    event = event_class.model_validate(data)
    at = posting.occurred_at
    return Outgoing(event, wallet.bump(), at, cause=posting.cause, backfill=posting.backfill, kept=True)


def _object(posting: Posting) -> dict[str, str] | None:
    """The thing it was about, where it is one with an id; a check-in's day is not."""
    if posting.target_kind is None or posting.target_id is None or not _UUID.fullmatch(posting.target_id):
        return None
    return {"kind": posting.target_kind, "id": posting.target_id}
