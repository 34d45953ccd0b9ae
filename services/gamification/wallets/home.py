"""What a home shows of the wallet."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.gamification.ledger.models import Wallet
from services.gamification.wallets.queries import wallet_public
from services.gamification.wallets.schemas import WalletPublic


async def wallet(session: AsyncSession, visit: Visit) -> WalletPublic | None:
    """The answer of `GET /v1/wallets/{member_id}`."""
    if visit.member is None or visit.community is None:
        return None
    member = visit.member
    row = await session.get(Wallet, member.id) or Wallet(
        member_id=member.id, community_id=visit.community_id, created_at=visit.now
    )
    return await wallet_public(session, row, visit.community, member.time_zone, visit.now, visit.locale)
