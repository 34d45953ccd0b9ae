"""Links that ended are forgotten."""

from datetime import timedelta

from sqlalchemy import Table, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.events.activities.models import Activity, Speaker
from services.events.invitations.models import SpeakerLink
from services.events.invitations.rules import AFTERWARDS

_ACTIVITIES: Table = Activity.__table__  # type: ignore[attr-defined]
_SPEAKERS: Table = Speaker.__table__  # type: ignore[attr-defined]
_LINKS: Table = SpeakerLink.__table__  # type: ignore[attr-defined]

timers = Timers()


@timers.every(timedelta(hours=1), kind="invitations.forget")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Forget the links that nobody can come in by any more."""
    over = select(_ACTIVITIES.c.id).where(
        or_(_ACTIVITIES.c.ends_at <= timer.now - AFTERWARDS, _ACTIVITIES.c.status == "cancelled")
    )
    withdrawn = select(_SPEAKERS.c.id).where(_SPEAKERS.c.withdrawn_at.is_not(None))
    await delete_some(session, _LINKS, or_(_LINKS.c.activity_id.in_(over), _LINKS.c.speaker_id.in_(withdrawn)))
