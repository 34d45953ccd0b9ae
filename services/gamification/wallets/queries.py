"""Reading what a wallet shows."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.projections.members import embedded
from chassis.projections.workdays import work_calendar
from chassis.security.authority import CommunityFacts
from services.gamification.checkins.queries import present_day_in, streak_public, streak_state
from services.gamification.checkins.rules import StreakState
from services.gamification.checkins.schemas import StreakPublic
from services.gamification.ledger.lots import available
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.outlook import running_out
from services.gamification.levels.ladders import ladder_of
from services.gamification.wallets.schemas import ExpiringPoints, WalletPublic, WalletStreak
from services.gamification.wallets.views import level_public


async def wallet_public(
    session: AsyncSession,
    wallet: Wallet,
    community: CommunityFacts | None,
    time_zone: str | None,
    now: datetime,
    locale: Locale,
) -> WalletPublic:
    """Points, level and streak of a member whose own zone is `time_zone`; the streak as kept where no community is known."""
    ladder = await ladder_of(session, wallet.community_id)
    state = await streak_state(session, wallet.member_id)
    streak: StreakState | StreakPublic = state
    if community is not None:
        calendar = await work_calendar(session)
        streak = streak_public(state, present_day_in(community, now, state, time_zone), calendar)
    return WalletPublic(
        member_id=wallet.member_id,
        member=(await embedded(session, [wallet.member_id]))[wallet.member_id],
        community_id=wallet.community_id,
        points=wallet.points - wallet.held,
        held=wallet.held,
        available=await available(session, wallet, now),
        xp=wallet.xp,
        level=level_public(ladder, ladder.level(wallet, now), locale),
        streak=WalletStreak(current=streak.current, longest=streak.longest, freezes=streak.freezes),
        expiring=[ExpiringPoints(amount=amount, at=at) for at, amount in await running_out(session, wallet, now)],
        as_of=await as_of(session, now),
    )
