"""Completing an activity: what attendances come to is told, 500 at a time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.messaging.outbox import Outgoing
from chassis.timers import Late, Timer, Timers, again, schedule, schedule_many
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.events import ActivityCompleted, Material
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.changing import revised, state_of
from services.events.activities.documents import may_show_recording
from services.events.activities.models import Activity
from services.events.activities.occasions import Turned, activities_turned
from services.events.activities.problems import not_now
from services.events.attendances.queries import attended, untold
from services.events.attendances.service import tell
from services.events.attendances.speaking import record_speakers
from services.events.deeds.service import deeds
from services.events.permissions import ACTIVITIES_WRITE

COMPLETE: Final = "activity.complete"
TELL: Final = "activity.tell_attendances"
BY_ITSELF: Final = timedelta(hours=24)
"""So long after its end the clock completes what nobody did."""
TOGETHER: Final = 500

timers = Timers()


async def complete(work: Work, key: UUID, if_match: int, summary: str | None = None) -> SeenActivity:
    """Say that an activity that has ended took place: what attendances come to is told, and no-shows are known."""
    found = await seen_activity(work, key, lock=True, of=ACTIVITIES_WRITE)
    activity = found.activity
    require_match(activity.version, if_match)
    problem = not_now(activity, "complete", work.now)
    if problem is not None:
        raise problem
    if summary is not None:
        activity.summary = summary
    await _complete(work, activity)
    await audit(work.session, work.caller, activity, "complete", {"status": ["announced", "completed"]}, work.now)
    return found


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """The clock completes activities a day after they end, whenever that is."""
    if turned.how in {"announced", "moved"}:
        await schedule_many(session, COMPLETE, {one.id: one.ends_at + BY_ITSELF for one in turned.activities})


@timers.on(COMPLETE, late=Late.ENDING)
async def complete_by_itself(session: AsyncSession, timer: Timer) -> None:
    """Complete what nobody did."""
    activity = await _locked(session, timer.subject_id)
    if activity is None or activity.status != "announced" or activity.ends_at + BY_ITSELF > timer.now:
        return
    await _complete(Work(session, timer.at), activity)


@timers.on(TELL, late=Late.ENDING)
async def tell_attendances(session: AsyncSession, timer: Timer) -> None:
    """Tell of the next attendances, and come again if there are more."""
    activity = await _locked(session, timer.subject_id)
    if activity is None or activity.completed_at is None:
        return
    rows = await untold(session, activity.id, TOGETHER)
    await tell(session, activity, rows, activity.completed_at)
    if len(rows) == TOGETHER:
        await again(session, timer)


async def _complete(work: Work, activity: Activity) -> None:
    activity.sqlmodel_update({"status": "completed", "completed_at": work.now} | revised(work, activity))
    await work.session.flush()
    await record_speakers(work, activity)
    activity.attended = await attended(work.session, activity.id)
    await activities_turned.happened(work.session, Turned([activity], work, "completed"))
    shown = await may_show_recording(work.session, activity)
    message = ActivityCompleted(
        **await state_of(work.session, activity),
        visibility="community",
        summary=activity.summary or None,
        materials=tuple(Material.model_validate(one) for one in activity.materials),
        recording=Material.model_validate(activity.recording) if shown else None,
        registered=activity.confirmed,
        attended=activity.attended,
        no_shows=activity.no_shows,
    )
    await deeds.tell(work.session, "ended", [Outgoing(message, activity.bump(), work.now)])
    await schedule(work.session, TELL, activity.id, work.now)


async def _locked(session: AsyncSession, key: UUID) -> Activity | None:
    return await session.get(Activity, key, with_for_update=True, populate_existing=True)
