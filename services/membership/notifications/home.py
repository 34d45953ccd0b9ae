"""What a home shows of the inbox."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.membership.notifications import queries
from services.membership.notifications.schemas import NotificationsHome


async def notifications(session: AsyncSession, visit: Visit) -> NotificationsHome:
    """How many lines of this community the caller has not read."""
    found = await queries.counts(session, visit.caller.id, visit.now)
    return NotificationsHome(unread=sum(row.unread for row in found if row.community_id == visit.community_id))
