"""What becomes of cases when those change who may decide about them."""

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.cases import queries
from services.membership.cases.models import Case
from services.membership.cases.rules import UNDECIDED
from services.membership.roster.occasions import MemberConcerned


async def leave_to_reviewer(session: AsyncSession, began: MemberConcerned) -> None:
    """Nobody in the community decides any more about who runs it now, also where somebody has claimed that."""
    undecided = update(Case).where(col(Case.member_id) == began.member.id, col(Case.status).in_(sorted(UNDECIDED)))
    await session.execute(
        undecided.where(col(Case.for_reviewer).is_(False)).values(for_reviewer=True, version=col(Case.version) + 1)
    )


async def hand_on(session: AsyncSession, ended: MemberConcerned) -> None:
    """What somebody had claimed who may decide no more is open again, and what nobody else may decide is left to a reviewer."""
    member = ended.member
    claimed = update(Case).where(
        col(Case.community_id) == member.community_id,
        col(Case.claimed_by_id) == member.id,
        col(Case.status) == "claimed",
    )
    open_again = {"status": "open", "claimed_by_id": None, "claimed_at": None}
    await session.execute(claimed.values(**open_again, version=col(Case.version) + 1))
    waiting = update(Case).where(
        col(Case.community_id) == member.community_id,
        col(Case.status).in_(sorted(UNDECIDED)),
        col(Case.for_reviewer).is_(False),
        ~queries.somebody_may_decide(ended.at),
    )
    await session.execute(waiting.values(for_reviewer=True, version=col(Case.version) + 1))
