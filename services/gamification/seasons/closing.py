"""Closing a season once its board is frozen: the prizes are posted, and its standings told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from chassis.timers import Timer, Timers
from contracts.gamification import SeasonClosed, SeasonPlace
from services.gamification.deeds.service import tell
from services.gamification.leaderboards.queries import On, Place, below
from services.gamification.ledger.service import Posting, lock_wallets, post
from services.gamification.seasons.models import Season
from services.gamification.seasons.queries import due, still_members
from services.gamification.seasons.rules import AFTER_FREEZING, TOLD, last_rank, points_at, prizes_of

timers = Timers()

SOURCE = "season.closed"


@timers.every(timedelta(minutes=5), kind="seasons.close")
async def close_due(session: AsyncSession, timer: Timer) -> None:
    """Close what is due, a few at a time."""
    for season in await due(session, timer.now - AFTER_FREEZING):
        await close(session, season, timer.now)


async def close(session: AsyncSession, season: Season, now: datetime) -> None:
    """Pay the prizes of a locked season and tell its standings, once: its status says so, and the ledger takes each prize once."""
    assert season.window_id is not None  # noqa: S101 - only one that was cancelled has none
    last = max(TOLD, last_rank(prizes_of(season.prizes)))
    places = await below(session, On(season.window_id), after=None, first_rank=1, limit=last)
    winners = await _pay(session, season, places, now)
    season.sqlmodel_update({"status": "closed", "closed_at": now, "winners": winners, "version": season.version + 1})
    told = SeasonClosed(
        community_id=season.community_id,
        season_id=season.id,
        standings=tuple(
            SeasonPlace(rank=place.rank or 0, member_id=place.member_id, score=place.score) for place in places[:TOLD]
        ),
    )
    await tell(session, [Outgoing(told, season.bump(), now)])
    await session.flush()


async def _pay(session: AsyncSession, season: Season, places: Sequence[Place], now: datetime) -> int:
    """Who left wins nothing, and nobody moves up for it. Answers how many won."""
    prizes = prizes_of(season.prizes)
    won = {place.member_id: points for place in places if (points := points_at(prizes, place.rank or 0))}
    there = await still_members(session, won) if won else set()
    postings = [
        Posting(
            member_id=member_id,
            community_id=season.community_id,
            occurred_at=now,
            kind="award",
            key=f"season:{season.id}:{member_id}",
            source_id=season.id,
            source_type=SOURCE,
            points=points,
            target_kind="season",
            target_id=str(season.id),
        )
        for member_id, points in won.items()
        if member_id in there
    ]
    wallets = await lock_wallets(session, {posting.member_id: season.community_id for posting in postings})
    await post(session, postings, wallets, now)
    return len(postings)
