"""Restating penalties for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.conduct import PenaltySnapshot
from services.membership.penalties.models import Penalty


async def penalty_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every penalty as of its greatest revision, with the present version, in order of id."""
    now = system_clock()
    async for (penalty,) in walk(session, select(Penalty), col(Penalty.id)):
        state = PenaltySnapshot.model_validate(penalty.model_dump() | {"penalty_id": penalty.id})
        yield Outgoing(state, penalty.messages_published, now)
