"""Prizes of seasons that somebody did not win because of a sanction that should not have been: an owner decides about each.

The board stays as it froze, and what others won stays theirs. Who left when a season closed won nothing (`seasons/closing.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.days import month_of
from chassis.moments import Calendars
from chassis.penalties import MOST_LEFT, KnownPenalty, LeftAlone, Step
from chassis.projections.communities import known_communities
from chassis.projections.history import calendars_of
from chassis.security.authority import CommunityFacts
from services.gamification.awards.models import Award
from services.gamification.leaderboards.absences import stands_unless_gone
from services.gamification.leaderboards.queries import On, rank_if_listed
from services.gamification.leaderboards.rules import Period, Window
from services.gamification.leaderboards.windows import edges
from services.gamification.ledger.models import PostedTransfer
from services.gamification.seasons.models import Season
from services.gamification.seasons.rules import points_at, prizes_of

_AWARDS = Award.__table__  # type: ignore[attr-defined]


async def propose_lost_prizes(
    session: AsyncSession, steps: Sequence[Step], now: datetime
) -> dict[UUID, list[LeftAlone]]:
    """Propose the prizes that members would have won in the time that is taken back, each once; answers, by penalty, of which seasons."""
    spared = {step.now: step.now.spared for step in steps if step.is_news}
    windows = {penalty: span for penalty, span in spared.items() if span is not None}
    meanwhile = await _closed_meanwhile(session, windows) if windows else []
    places = {season.community_id for _, season in meanwhile}
    communities, calendars = await known_communities(session, places), await calendars_of(session, places)
    found: dict[UUID, list[LeftAlone]] = {}
    awards: dict[UUID, Award] = {}
    for penalty, season in meanwhile:
        points = await _lost(session, penalty, season, calendars[season.community_id])
        if points:
            award = _proposed(penalty, season, points, communities[season.community_id], now)
            awards[award.id] = award
            found.setdefault(penalty.id, []).append(LeftAlone("award", award.id, "proposed_as_award"))
    await insert_new(session, _AWARDS, [awards[key].model_dump() for key in sorted(awards)], key=["id"])
    return found


async def _closed_meanwhile(
    session: AsyncSession, windows: Mapping[KnownPenalty, tuple[datetime, datetime]]
) -> list[tuple[KnownPenalty, Season]]:
    """Each penalty with the seasons of its community that closed while it lasted and should not have."""
    lying = [
        and_(
            col(Season.community_id) == penalty.community_id,
            col(Season.closed_at) >= began,
            col(Season.closed_at) <= ended,
        )
        for penalty, (began, ended) in windows.items()
    ]
    rows = await session.execute(
        select(Season)
        .where(col(Season.status) == "closed", or_(*lying))
        .order_by(col(Season.closed_at), col(Season.id))
        .limit(MOST_LEFT)
    )
    seasons = list(rows.scalars())
    return [
        (penalty, season)
        for penalty, (began, ended) in windows.items()
        for season in seasons
        if season.community_id == penalty.community_id
        and season.closed_at is not None
        and began <= season.closed_at <= ended
    ]


async def _lost(session: AsyncSession, penalty: KnownPenalty, season: Season, calendars: Calendars) -> int:
    """The points of a prize that the member did not get; 0 for who won nothing, or has it."""
    assert season.window_id is not None  # noqa: S101 - only one that was cancelled has none
    rank = await rank_if_listed(session, On(season.window_id), penalty.member_id)
    points = points_at(prizes_of(season.prizes), rank or 0)
    days = edges(Window(Period.SEASON, season.starts_on, season.ends_on), calendars)
    if not points or not await stands_unless_gone(session, penalty.member_id, *days):
        return 0
    paid = select(col(PostedTransfer.id)).where(
        col(PostedTransfer.member_id) == penalty.member_id, col(PostedTransfer.source_id) == season.id
    )
    return points if (await session.execute(paid.limit(1))).first() is None else 0


def _proposed(penalty: KnownPenalty, season: Season, points: int, community: CommunityFacts, now: datetime) -> Award:
    return Award(
        # Of one prize there is one, whichever penalty or revision it follows from.
        id=uuid5(season.id, str(penalty.member_id)),
        community_id=penalty.community_id,
        member_id=penalty.member_id,
        points=points,
        reason=f"补发赛季奖品：{season.title} · The prize of a season: {season.title}",
        month=month_of(community.day_of(now)),
        created_at=now,
    )
