"""HTTP of wallets and ledger entries."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import COMMUNITY_ARCHIVED, CONFLICT_OF_INTEREST
from chassis.security.authority import CommunityFacts
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.gamification.access import caught_up_at
from services.gamification.base import known
from services.gamification.checkins.queries import present_day_in, streak_public, streak_state
from services.gamification.embeds import KnownMember, embedded
from services.gamification.ledger.models import PostedTransfer
from services.gamification.levels.rules import DEFAULT_LADDER, Held, level_at
from services.gamification.permissions import LEDGER_ENTRIES_READ, LEDGER_REVERSE, WALLETS_READ
from services.gamification.wallets import service
from services.gamification.wallets.presentation import entry_public, level_public
from services.gamification.wallets.schemas import (
    LedgerEntryPublic,
    ReversalCreate,
    ReversalPublic,
    WalletPublic,
    WalletStreak,
)

router = api_router(tags=["Wallets"])


@router.get("/v1/wallets/{member_id}")
@operation(permission=WALLETS_READ)
async def read_wallet(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> WalletPublic:
    """Read a member's wallet: points, xp, level and streak.

    Members read their own, also after they left; operators and owners everyone's. Follows what happens elsewhere by message, as
    of `as_of`.
    """
    member, wallet = await service.read_wallet(session, caller=caller, member_id=member_id, now=now)
    held = Held(wallet.level_position, wallet.level_since, wallet.level_below_since)
    return WalletPublic(
        member_id=member_id,
        member=(await embedded(session, [member_id]))[member_id],
        community_id=member.community_id,
        points=wallet.points,
        held=0,
        available=wallet.points,
        xp=wallet.xp,
        level=level_public(level_at(DEFAULT_LADDER, held, wallet.xp, now), locale),
        streak=await _streak(session, member, now),
        expiring=[],
        as_of=await caught_up_at(session, now),
    )


async def _streak(session: AsyncSession, member: KnownMember, now: Any) -> WalletStreak:
    state = await streak_state(session, member.id)
    table = known.communities
    row = (await session.execute(select(table).where(table.c.id == member.community_id))).first()
    if row is None:
        return WalletStreak(current=state.current, longest=state.longest, freezes=state.freezes)
    community = CommunityFacts(
        id=row.id,
        name=row.name,
        status=row.status,
        visibility=row.visibility,
        time_zone=row.time_zone,
        day_starts_at=row.day_starts_at,
        streak_days=row.streak_days,
    )
    streak = streak_public(state, present_day_in(community, now, state, member.time_zone))
    return WalletStreak(current=streak.current, longest=streak.longest, freezes=streak.freezes)


@router.get("/v1/ledger-entries")
@operation(permission=LEDGER_ENTRIES_READ)
async def list_ledger_entries(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised, page: PageQuery
) -> Page[LedgerEntryPublic]:
    """List what came into a member's wallet and what left it, the latest first, by when it happened."""
    statement = await service.entries_of(session, caller=caller, member_id=member_id, now=now)
    return await paginate(
        session,
        statement,
        order=[col(PostedTransfer.occurred_at).desc(), col(PostedTransfer.id).desc()],
        page=page,
        to=lambda row: entry_public(row[0], row[1], locale),
    )


@router.post("/v1/ledger-entries/{entry_id}/reverse", status_code=201)
@operation(
    permission=LEDGER_REVERSE,
    problems=[
        service.ALREADY_REVERSED,
        service.IS_A_REVERSAL,
        CONFLICT_OF_INTEREST,
        COMMUNITY_ARCHIVED,
    ],
)
async def reverse_ledger_entry(
    entry_id: UUID, body: ReversalCreate, caller: CallerDep, session: Transaction, now: Now, locale: Localised
) -> ReversalPublic:
    """Take an award back, points and xp together, with a reason that its member can read.

    Dated at the award, so that boards and levels are as if it had never been; it stays taken back.
    """
    undone, points, xp = await service.reverse(session, caller=caller, entry_id=entry_id, reason=body.reason, now=now)
    return ReversalPublic(items=[entry_public(*row, locale) for row in undone], points=points, xp=xp)
