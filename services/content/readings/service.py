"""What members read is kept for a day, and told once for each of them: who reads and says nothing is there too."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.days import day_began_at, local_day
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Timer, Timers
from contracts.content import ReadingRecorded
from services.content.articles.occasions import ArticleWasRead
from services.content.base import known
from services.content.discussions.occasions import WasRead
from services.content.readings.models import LateReading

MOST_AT_ONCE: Final = 500
"""Members of a community whose day is told in one transaction; the others follow at the next turn."""
_QUARTER: Final = timedelta(minutes=15)
_READINGS: Table = LateReading.__table__  # type: ignore[attr-defined]

timers = Timers()


async def follow_article(session: AsyncSession, read: ArticleWasRead) -> None:
    """Keep that a member came to an article."""
    article = read.article
    await _keep(session, article.community_id, read.member_id, "article", article.id, read.now)


async def follow_discussion(session: AsyncSession, read: WasRead) -> None:
    """Keep that a member read on in a discussion, or an announcement."""
    one = read.discussion
    kind = "announcement" if one.kind == "announcement" else "discussion"
    await _keep(session, one.community_id, read.member_id, kind, one.id, read.now)


async def _keep(
    session: AsyncSession, community_id: UUID, member_id: UUID, kind: str, thing_id: UUID, now: datetime
) -> None:
    key = {"member_id": member_id, "thing_id": thing_id, "quarter": _quarter(now)}
    await insert_new(session, _READINGS, [key | {"kind": kind, "community_id": community_id}], key=list(key))


def _quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


@timers.every(_QUARTER, kind="readings.tell")
async def tell_readings(session: AsyncSession, timer: Timer) -> None:
    """Tell of days that are over in their community, the oldest first, and forget them."""
    kept = select(_READINGS.c.community_id, func.min(_READINGS.c.quarter).label("at"))
    first = kept.group_by(_READINGS.c.community_id).subquery()
    zones = select(known.communities.c.id, known.communities.c.time_zone, first.c.at)
    joined = zones.join(first, first.c.community_id == known.communities.c.id).order_by(known.communities.c.id)
    for community_id, time_zone, at in (await session.execute(joined)).all():
        day = local_day(at, time_zone=time_zone)
        end = day_began_at(day + timedelta(days=1), time_zone=time_zone)
        # A request that began before midnight may still be under way.
        if end + _QUARTER <= timer.now:
            await _tell(session, community_id, day, end)


async def _tell(session: AsyncSession, community_id: UUID, day: date, end: datetime) -> None:
    of_day = [_READINGS.c.community_id == community_id, _READINGS.c.quarter < end]
    some = select(_READINGS.c.member_id).where(*of_day).distinct().order_by(_READINGS.c.member_id).limit(MOST_AT_ONCE)
    members: Sequence[UUID] = (await session.execute(some)).scalars().all()
    theirs = [*of_day, among(session, _READINGS.c.member_id, members)]
    counted = (
        select(_READINGS.c.member_id, _READINGS.c.kind, func.count(_READINGS.c.thing_id.distinct()))
        .where(*theirs)
        .group_by(_READINGS.c.member_id, _READINGS.c.kind)
    )
    found: dict[UUID, dict[str, int]] = {member_id: {} for member_id in members}
    for member_id, kind, number in (await session.execute(counted)).all():
        found[member_id][kind] = number
    await session.execute(delete(LateReading).where(*theirs))
    await emit_many(session, [_message(community_id, one, day, end, kinds) for one, kinds in found.items()])


def _message(community_id: UUID, member_id: UUID, day: date, end: datetime, kinds: dict[str, Any]) -> Outgoing:
    message = ReadingRecorded(
        community_id=community_id,
        member_id=member_id,
        day=day,
        articles=kinds.get("article", 0),
        discussions=kinds.get("discussion", 0),
        announcements=kinds.get("announcement", 0),
    )
    return Outgoing(message, version=1, occurred_at=end)
