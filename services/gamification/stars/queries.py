"""Reading the stars of months, those who are named, and who can be it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.communities import known_community
from chassis.projections.members import LEFT_STATUSES
from services.gamification.base import known
from services.gamification.leaderboards.absences import absences_of
from services.gamification.stars.models import Star, StarCandidate, StarNomination, StarVoter
from services.gamification.stars.rules import first_of

ALL = "/v1/kudos/stars"
LOOKED_AT = 100
"""Of those with most votes, how many are looked at for one who may be it."""

_members, _sanctions = known.members.c, known.sanctions.c
_OF_MONTH: Prepared[Any] = Prepared(
    select(col(Star.id)).where(
        col(Star.community_id) == bindparam("community_id"), col(Star.month) == bindparam("month")
    )
)
_NAMED: Prepared[Any] = Prepared(
    select(col(StarNomination.member_id)).where(
        col(StarNomination.star_id) == bindparam("star_id"), col(StarNomination.nominator_id) == bindparam("member_id")
    )
)
_VOTED: Prepared[Any] = Prepared(
    select(col(StarVoter.member_id)).where(
        col(StarVoter.star_id) == bindparam("star_id"), col(StarVoter.member_id) == bindparam("member_id")
    )
)
_CANDIDATE: Prepared[Any] = Prepared(
    select(col(StarCandidate.member_id)).where(
        col(StarCandidate.star_id) == bindparam("star_id"), col(StarCandidate.member_id) == bindparam("member_id")
    )
)
_MOST_VOTES: Prepared[Any] = Prepared(
    select(col(StarCandidate.member_id), col(StarCandidate.votes))
    .where(col(StarCandidate.star_id) == bindparam("star_id"), col(StarCandidate.votes) > 0)
    .order_by(col(StarCandidate.votes).desc(), col(StarCandidate.member_id))
    .limit(LOOKED_AT)
)
_WINNERS: Prepared[Any] = Prepared(
    select(col(Star.winner_id)).where(
        col(Star.community_id) == bindparam("community_id"),
        col(Star.quarter) == bindparam("quarter"),
        col(Star.winner_id).is_not(None),
    )
)
_MEMBERS: Prepared[Any] = Prepared(
    lambda on: (
        select(_members.id)
        .outerjoin(known.sanctions, _sanctions.id == _members.id)
        .where(
            _members.community_id == bindparam("community_id"),
            on.among(_members.id, "ids"),
            _members.status.not_in([*sorted(LEFT_STATUSES), "suspended"]),
            or_(_sanctions.status.is_(None), _sanctions.status != "suspended", _sanctions.until <= bindparam("now")),
        )
    )
)


def listing(community_id: UUID) -> Listing:
    """A community's stars, the latest month first."""
    return Listing(
        select(Star).where(col(Star.community_id) == community_id), [col(Star.month).desc(), col(Star.id).asc()]
    )


def candidates(star_id: UUID, *, counted: bool) -> Listing:
    """Who is named: by votes once they are counted, until then in an order that says nothing."""
    named = select(StarCandidate).where(col(StarCandidate.star_id) == star_id)
    by_id = col(StarCandidate.member_id).asc()
    return Listing(named, [col(StarCandidate.votes).desc(), by_id] if counted else [by_id])


async def locked_star(session: AsyncSession, community_id: UUID, month: date) -> Star:
    """The star of a month, which is there, locked."""
    star_id = await _OF_MONTH.one(session, community_id=community_id, month=month)
    return await existing(session, Star, star_id, lock=True)


async def named_by(session: AsyncSession, star_id: UUID, member_id: UUID) -> UUID | None:
    """Whom a member named, if anybody."""
    named: UUID | None = await _NAMED.first(session, star_id=star_id, member_id=member_id)
    return named


async def has_voted(session: AsyncSession, star_id: UUID, member_id: UUID) -> bool:
    """Whether a member has voted."""
    return await _VOTED.first(session, star_id=star_id, member_id=member_id) is not None


async def is_candidate(session: AsyncSession, star_id: UUID, member_id: UUID) -> bool:
    """Whether somebody named this member."""
    return await _CANDIDATE.first(session, star_id=star_id, member_id=member_id) is not None


async def leading(session: AsyncSession, star: Star, now: datetime) -> list[UUID]:
    """Who has most votes, of those who may be it."""
    votes: dict[UUID, int] = dict(await _MOST_VOTES.all(session, star_id=star.id))
    return first_of(votes, eligible=await eligible(session, star, votes, now))


async def concerns(session: AsyncSession, star: Star, member_id: UUID, now: datetime) -> bool:
    """Whether a member was named and can still be it: then it is not theirs to confirm."""
    named = await is_candidate(session, star.id, member_id)
    return named and bool(await eligible(session, star, [member_id], now))


async def eligible(session: AsyncSession, star: Star, members: Collection[UUID], now: datetime) -> set[UUID]:
    """Which of these can be the star: nobody who left or is suspended, who ran the community in the month, or was it in the quarter."""
    ids = list(members)
    community = await known_community(session, star.community_id)
    if community is None or not ids:
        return set()
    from_at, to_at = community.began(star.month), community.began(star.votes_from)
    there = set(await _MEMBERS.all(session, community_id=star.community_id, ids=ids, now=now))
    absences = await absences_of(session, there)
    winners = set(await _WINNERS.all(session, community_id=star.community_id, quarter=star.quarter))
    return {one for one in there - winners if not absences.ran(one, from_at, to_at)}


async def ends_at(session: AsyncSession, star: Star) -> datetime:
    """The moment at which the days of voting are over."""
    community = await known_community(session, star.community_id)
    if community is None:
        raise LookupError("nobody told of this community")
    return community.ended(star.votes_until)
