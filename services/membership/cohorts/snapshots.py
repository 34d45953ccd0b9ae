"""Restating cohorts for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import CohortSnapshot
from services.membership.cohorts.models import Cohort


async def cohort_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every cohort with the present version, in order of id."""
    for cohort in await session.scalars(select(Cohort).order_by(col(Cohort.id))):
        told = CohortSnapshot(
            community_id=cohort.community_id, cohort_id=cohort.id, code=cohort.code, name=cohort.name,
            starts_on=cohort.starts_on, ends_on=cohort.ends_on,
        )  # fmt: skip
        yield Outgoing(told, cohort.messages_published, cohort.created_at)
