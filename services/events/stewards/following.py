"""What stewards have to do with what happens to activities."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.activities.occasions import Shown
from services.events.stewards.queries import scanned_by


async def own_doors(session: AsyncSession, shown: Shown) -> Collection[UUID]:
    """At which of these activities the reader scans."""
    return await scanned_by(session, shown.member_ids, [one.id for one in shown.activities])
