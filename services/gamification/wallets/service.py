"""Reading wallets and entries, and taking an award back by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.days import MIDNIGHT
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, NOT_FOUND, FieldError, Problem, ProblemType
from chassis.projections.communities import known_community
from chassis.projections.members import KnownMember, known_member, member_for, own_memberships
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.spans import Span, within
from services.gamification.ledger.models import PostedTransfer, Wallet
from services.gamification.ledger.rules import Currency, Kind
from services.gamification.ledger.service import Posting, lock_wallets, moved_of, post
from services.gamification.permissions import LEDGER_ENTRIES_READ, LEDGER_REVERSE, WALLETS_READ

ALREADY_REVERSED = ProblemType("already_reversed", 409, en="The entry is already reversed", zh="该条目已撤回")
IS_A_REVERSAL = ProblemType("is_a_reversal", 409, en="A reversal cannot be reversed", zh="撤回条目不能再次撤回")


NOBODY: Final = UUID(int=0)

Entry = tuple[PostedTransfer, UUID | None]
"""An entry and the id of the one that reverses it."""


async def read_wallet(
    session: AsyncSession, *, caller: Caller, member_id: UUID, now: datetime
) -> tuple[KnownMember, Wallet]:
    """A known member's wallet; one without entries has zeros."""
    member = await member_for(session, caller, WALLETS_READ, member_id, now, former_too=True)
    wallet = await session.get(Wallet, member_id)
    return member, wallet or Wallet(member_id=member_id, community_id=member.community_id, created_at=now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose entries, and which of them."""

    community_id: UUID | None
    member_id: UUID | None
    mine: bool
    currency: Currency | None
    kind: Kind | None
    span: Span


async def entries_for(session: AsyncSession, *, caller: Caller, wanted: Wanted, now: datetime) -> Listing:
    """Entries that the caller may see, with the id of each one's reversal, the latest first."""
    whose, community_id = await _whose(session, caller, wanted, now)
    community = await known_community(session, community_id) if community_id is not None else None
    bounds = wanted.span.bounds(
        time_zone=community.time_zone if community else "UTC",
        day_starts_at=community.day_starts_at if community else MIDNIGHT,
    )
    statement = select_entries().where(*whose, *within(col(PostedTransfer.occurred_at), bounds))
    for name in ("currency", "kind"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(col(getattr(PostedTransfer, name)) == value)
    return Listing(statement, [col(PostedTransfer.occurred_at).desc(), col(PostedTransfer.id).desc()])


async def _whose(
    session: AsyncSession, caller: Caller, wanted: Wanted, now: datetime
) -> tuple[list[ColumnElement[bool]], UUID | None]:
    """The condition that picks whose entries, and the community whose days count."""
    of_member = col(PostedTransfer.member_id)
    if wanted.member_id is not None:
        member = await member_for(session, caller, LEDGER_ENTRIES_READ, wanted.member_id, now, former_too=True)
        own = caller.kind == "person" and caller.id == member.person_id
        if wanted.community_id not in (None, member.community_id) or (wanted.mine and not own):
            raise NOT_FOUND()
        return [of_member == member.id], member.community_id
    if wanted.community_id is None and wanted.mine:
        return [of_member.in_(await own_memberships(session, caller, former_too=True))], None
    if wanted.community_id is None:
        text = "Give community_id or member_id, or mine=true."
        raise INVALID(
            errors=[
                FieldError("#/query/community_id", "missing", text, "请给出 community_id 或 member_id，或 mine=true。")
            ]
        )
    in_community = col(PostedTransfer.community_id) == wanted.community_id
    try:
        standing = await authorize(session, caller, LEDGER_ENTRIES_READ, wanted.community_id, own=True, now=now)
    except Problem:
        # Whoever left still reads what was their own.
        own_ids = await own_memberships(session, caller, community_id=wanted.community_id, former_too=True)
        if not own_ids:
            raise
        return [of_member.in_(own_ids), in_community], wanted.community_id
    if standing.sees_all and not wanted.mine:
        return [in_community], wanted.community_id
    return [of_member == (standing.member_id or NOBODY), in_community], wanted.community_id


def select_entries() -> Any:
    """Entries, each with the id of the entry that reverses it, if one does."""
    reversal = aliased(PostedTransfer)
    return select(PostedTransfer, col(reversal.id)).outerjoin(
        reversal, col(reversal.reverses) == col(PostedTransfer.id)
    )


async def reverse(
    session: AsyncSession, *, caller: Caller, entry_id: UUID, reason: str, now: datetime
) -> tuple[list[Entry], int, int]:
    """Take back everything that was posted together with an entry; answers the undoing entries, points and xp after.

    It stays taken back whatever is folded later. Raises `ALREADY_REVERSED`, `IS_A_REVERSAL` and, about the caller,
    `CONFLICT_OF_INTEREST`.
    """
    entry = await existing(session, PostedTransfer, entry_id)
    await authorize(session, caller, LEDGER_REVERSE, entry.community_id, seen_by=LEDGER_ENTRIES_READ, now=now)
    member = await known_member(session, entry.member_id)
    if member is not None and caller.kind == "person" and member.person_id == caller.id:
        raise CONFLICT_OF_INTEREST()
    if entry.reverses is not None:
        raise IS_A_REVERSAL()
    wallets = await lock_wallets(session, {entry.member_id: entry.community_id})
    found = await session.execute(
        select_entries().where(
            col(PostedTransfer.posting_id) == entry.posting_id, col(PostedTransfer.member_id) == entry.member_id
        )
    )
    rows = found.all()
    if any(reversed_by is not None for _, reversed_by in rows):
        raise ALREADY_REVERSED()
    together: list[PostedTransfer] = [part for part, _ in rows]
    posting = Posting(
        member_id=entry.member_id,
        community_id=entry.community_id,
        occurred_at=entry.occurred_at,
        kind="reversal",
        key=f"by_hand:{entry.posting_id}",
        source_id=entry.source_id,
        source_type=entry.source_type,
        reverses=[moved_of(part) for part in together],
        rule_code=entry.rule_code,
        rule_version=entry.rule_version,
        thing=entry.thing,
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        reason=reason,
        why="by_hand",
    )
    await post(session, [posting], wallets, now)
    wallet = wallets[entry.member_id]
    await audit(
        session,
        caller,
        AuditObject("ledger_entry", entry_id, entry.community_id),
        "ledger.reverse",
        {part.currency: [part.amount, 0] for part in together} | {"reason": [None, reason]},
        now,
    )
    undone = await session.execute(select_entries().where(col(PostedTransfer.id).in_(posting.transfer_ids)))
    return [(part, reversed_by) for part, reversed_by in undone], wallet.spendable, wallet.xp
