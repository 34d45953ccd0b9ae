"""What cohorts are called: certificates say it as it is when they are issued."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.messaging.handlers import Handlers, Received
from contracts.membership import COHORT_STATES, CohortSnapshot
from services.gamification.certificates.models import CohortName

handlers = Handlers()

_NAMES: Table = CohortName.__table__  # type: ignore[attr-defined]


@handlers.on(*COHORT_STATES)
async def know_cohorts(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Cohorts are called as membership says; what it says again was told then."""
    kept: dict[UUID, dict[str, Any]] = {}
    for message in sorted(messages, key=lambda one: (one.version, one.recorded_at)):
        kept[message.data.cohort_id] = {
            "id": message.data.cohort_id,
            "name": message.data.name,
            "version": message.version,
            "told_at": message.recorded_at,
        }
    await merge_many(session, _NAMES, [kept[one] for one in sorted(kept)], _newest)


def _newest(table: Table, added: Any, names: Sequence[str]) -> Any:
    said = {name: added.excluded[name] for name in names if name != "id"}
    news, again = added.excluded.version > table.c.version, added.excluded.version == table.c.version
    return added.on_conflict_do_update(
        index_elements=[table.c.id], set_=said, where=or_(news, and_(again, added.excluded.told_at > table.c.told_at))
    )


async def _forget_cohorts(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(_NAMES).where(_NAMES.c.told_at < before))


handlers.when_restated(CohortSnapshot, _forget_cohorts)
