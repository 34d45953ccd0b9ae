"""How speakers from outside are reached is forgotten when nobody needs it any more."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Table, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.events.activities.models import Activity
from services.events.speakers.models import SpeakerContact

KEPT: Final = timedelta(days=90)
"""So long after the activity ended, or was cancelled."""

_ACTIVITIES: Table = Activity.__table__  # type: ignore[attr-defined]
_CONTACTS: Table = SpeakerContact.__table__  # type: ignore[attr-defined]

timers = Timers()


@timers.every(timedelta(hours=1), kind="speakers.forget")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Forget the addresses of speakers whose activity is long over."""
    before = timer.now - KEPT
    over = select(_ACTIVITIES.c.id).where(or_(_ACTIVITIES.c.ends_at < before, _ACTIVITIES.c.cancelled_at < before))
    await delete_some(session, _CONTACTS, _CONTACTS.c.activity_id.in_(over))
