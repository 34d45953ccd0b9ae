"""Integration events in: who runs a community no more sees to nothing there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared
from chassis.messaging.handlers import Handlers, Received
from chassis.projections.members import LEFT_STATUSES
from contracts.membership import MEMBER_STATES
from services.analytics.base import known
from services.analytics.insights.models import Insight
from services.analytics.insights.rules import RUNNING

handlers = Handlers()

_OWNED: Prepared[Any] = Prepared(
    lambda on: (
        select(known.members.c.id, known.members.c.status, known.members.c.roles)
        .join(Insight, col(Insight.owner_id) == known.members.c.id)
        .where(on.among(known.members.c.id, "ids"), col(Insight.closed_at).is_(None))
        .distinct()
    )
)


@handlers.on(*MEMBER_STATES)
async def let_go(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Open insights of who left, or runs the community no more, are nobody's again; what is closed says who saw to it."""
    owners = await _OWNED.all(session, ids=[message.data.member_id for message in messages])
    gone = [one for one, status, roles in owners if status in LEFT_STATUSES or RUNNING.isdisjoint(roles)]
    if gone:
        theirs = update(Insight).where(among(session, col(Insight.owner_id), gone), col(Insight.closed_at).is_(None))
        await session.execute(theirs.values(owner_id=None, version=col(Insight.version) + 1))
