"""What leaves of feedback requests: how many there were on a day, by nobody."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.days import day_began_at, local_day
from chassis.messaging.outbox import emit
from chassis.timers import Timer, Timers
from contracts.events import FeedbackRequestsCounted
from services.events.base import known
from services.events.feedback_requests.models import FeedbackRequest, FeedbackRequestCount
from services.events.feedback_requests.queries import counted

_COUNTS = FeedbackRequestCount.__table__  # type: ignore[attr-defined]
_DAY = timedelta(days=1)

timers = Timers()


@timers.every(timedelta(hours=1), kind="feedback_requests.count")
async def tell_counts(session: AsyncSession, timer: Timer) -> None:
    """Tell of each community's days that are over, and were not told of yet."""
    communities = known.communities.c
    first = func.min(col(FeedbackRequest.created_at))
    began = select(col(FeedbackRequest.community_id), first.label("at")).group_by(col(FeedbackRequest.community_id))
    asked = began.subquery()
    joined = select(communities.id, communities.time_zone, asked.c.at).join(
        asked, asked.c.community_id == communities.id
    )
    for community_id, time_zone, at in (await session.execute(joined.order_by(communities.id))).all():
        before = local_day(at, time_zone=time_zone) - _DAY
        await _tell_days(session, community_id, time_zone, before, local_day(timer.now, time_zone=time_zone) - _DAY)


async def _tell_days(session: AsyncSession, community_id: UUID, time_zone: str, before: date, last: date) -> None:
    new = {"community_id": community_id, "counted_upto": before, "messages_published": 0}
    await insert_new(session, _COUNTS, [new], key=["community_id"])
    count = await existing(session, FeedbackRequestCount, community_id, lock=True)
    while count.counted_upto < last:
        day = count.counted_upto = count.counted_upto + _DAY
        begin, end = (day_began_at(one, time_zone=time_zone) for one in (day, day + _DAY))
        opened, answered, closed = await counted(session, community_id, begin, end)
        if opened or answered or closed:
            message = FeedbackRequestsCounted(
                community_id=community_id, day=day, opened=opened, answered=answered, closed=closed
            )
            await emit(session, message, version=count.bump(), occurred_at=end)
