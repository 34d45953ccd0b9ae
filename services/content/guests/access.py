"""Whether a guest is let in."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.problems import SESSION_REVOKED, UNAVAILABLE
from chassis.security.caller import Caller
from chassis.web.work import Work
from services.content.guests.models import Guest
from services.content.guests.queries import guest_by_id


async def require_standing(session: AsyncSession, guest: Caller, now: datetime) -> None:
    """Refuse a guest whose link is not that of the speaker any more.

    Raises `SESSION_REVOKED`, and `UNAVAILABLE` where events has not told of the link yet: ids of links are made in their order.
    """
    row = await guest_by_id(session, guest.id)
    if row is None:
        raise _not_yet()
    if row.withdrawn or row.cancelled or row.activity_id != guest.activity_id:
        raise SESSION_REVOKED()
    if row.link_id is None or guest.session_id.int > row.link_id.int:
        raise _not_yet()
    if row.link_id != guest.session_id or not row.stands:
        raise SESSION_REVOKED()


async def guest_locked(work: Work, guest: Caller) -> Guest:
    """The row of a guest, which is the lock for what they send. Raises `UNAVAILABLE` where events has not told of them yet."""
    with taking(("guests", guest.id)):
        row = await work.session.get(Guest, guest.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise _not_yet()
    return row


def _not_yet() -> Exception:
    return UNAVAILABLE("Your invitation is on its way here.", "邀请信息正在同步，请稍后重试。", retry_after=1)
