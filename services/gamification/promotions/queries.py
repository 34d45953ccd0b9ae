"""Reading committees, nominations and votes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Waiting, task_about
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.projections.members import LEFT_STATUSES
from services.gamification.base import known
from services.gamification.levels.ladders import ladders_of
from services.gamification.promotions.models import CommitteeMember, Nomination, PromotionVote

WHERE = "/v1/promotions/nominations"
_VOTE = {"en": "Vote on a promotion to {title}", "zh-CN": "请为晋升投票：{title}"}
_MOST = 100
_members, _communities = known.members.c, known.communities.c


async def committee(session: AsyncSession, communities: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The members of each community's committee who are still members of it."""
    statement = (
        select(col(CommitteeMember.community_id), col(CommitteeMember.member_id))
        .join(known.members, _members.id == col(CommitteeMember.member_id))
        .where(
            among(session, col(CommitteeMember.community_id), communities),
            _members.status.not_in(sorted(LEFT_STATUSES)),
        )
        .order_by(col(CommitteeMember.member_id))
    )
    found: dict[UUID, list[UUID]] = {community_id: [] for community_id in communities}
    for community_id, member_id in await session.execute(statement):
        found[community_id].append(member_id)
    return found


def nominations(community_id: UUID, status: str | None, *, but: UUID | None) -> Listing:
    """A community's nominations, the latest first, but not those of the reader."""
    statement = select(Nomination).where(col(Nomination.community_id) == community_id)
    if status is not None:
        statement = statement.where(col(Nomination.status) == status)
    if but is not None:
        statement = statement.where(col(Nomination.member_id) != but)
    return Listing(statement, [col(Nomination.nominated_at).desc(), col(Nomination.id).desc()])


async def votes_on(session: AsyncSession, nominations: Collection[UUID]) -> Sequence[PromotionVote]:
    """The votes on these nominations, in their order."""
    statement = (
        select(PromotionVote)
        .where(among(session, col(PromotionVote.nomination_id), nominations))
        .order_by(col(PromotionVote.voted_at), col(PromotionVote.member_id))
    )
    return (await session.execute(statement)).scalars().all()


async def to_vote_on(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The nominations that wait for the vote of a member of the committee; never their own."""
    voted = exists().where(
        col(PromotionVote.nomination_id) == col(Nomination.id),
        col(PromotionVote.member_id) == col(CommitteeMember.member_id),
    )
    statement = (
        select(
            col(Nomination.id),
            col(Nomination.level),
            _communities.id.label("community_id"),
            _communities.name.label("community_name"),
        )
        .select_from(CommitteeMember)
        .join(known.members, _members.id == col(CommitteeMember.member_id))
        .join(Nomination, col(Nomination.community_id) == col(CommitteeMember.community_id))
        .join(known.communities, _communities.id == col(Nomination.community_id))
        .where(
            _members.person_id == reader.caller.id,
            _members.status == "active",
            _communities.status != "archived",
            col(Nomination.status) == "nominated",
            col(Nomination.member_id) != col(CommitteeMember.member_id),
            ~voted,
        )
        .order_by(col(Nomination.nominated_at), col(Nomination.id))
        .limit(_MOST)
    )
    rows: Sequence[Any] = (await session.execute(statement)).all()
    if not rows:
        return []
    ladders = await ladders_of(session, {row.community_id for row in rows})
    named = [{**row._asdict(), "title": ladders[row.community_id].name_of(row.level, reader.locale)} for row in rows]
    return [task_about(SimpleNamespace(**one), reader, "promotion_vote", _VOTE, "nomination", WHERE) for one in named]


async def to_decide(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The nominations that nobody has decided."""
    waiting = select(func.count(), func.min(col(Nomination.nominated_at))).where(
        col(Nomination.community_id) == community_id, col(Nomination.status) == "nominated"
    )
    count, oldest_at = (await session.execute(waiting)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"{WHERE}?community_id={community_id}&status=nominated")
