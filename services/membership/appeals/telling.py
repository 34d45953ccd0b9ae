"""Telling of appeals."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import emit
from contracts.conduct import AppealState
from contracts.fields import ObjectReference
from services.membership.appeals.models import Appeal


async def tell_appeal(session: AsyncSession, kind: type[AppealState], appeal: Appeal, now: datetime) -> None:
    """Publish a new or locked appeal as it is."""
    event = kind(
        community_id=appeal.community_id,
        appeal_id=appeal.id,
        object=ObjectReference(kind=appeal.object_kind, id=appeal.piece_id or appeal.object_id),
        member_id=appeal.member_id,
        revision=appeal.revision,
    )
    await emit(session, event, version=appeal.bump(), occurred_at=now)
