"""Who stood where in contests, told once more (`qunxue republish events deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from services.events.contests.closing import outgoing
from services.events.contests.models import Contest, ContestStandings


async def results_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every part of the standings that was told, in the order of contests, revisions and parts."""
    found = select(ContestStandings, Contest).join(Contest, col(Contest.id) == col(ContestStandings.contest_id))
    if since is not None:
        found = found.where(col(ContestStandings.told_at) >= since)
    keys = (col(ContestStandings.contest_id), col(ContestStandings.revision), col(ContestStandings.part))
    async for kept, contest in walk(session, found, *keys):
        yield outgoing(contest, kept, backfill=True)
