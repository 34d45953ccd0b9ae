"""What becomes of all who registered when something happens to their activity: written down at once for a few, 500 at a time for many.

Until it is written, readers are told by the activity what is to be written (`as_of_now`), and whoever locks a registration writes it first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.timers import Late, Timer, Timers, again, schedule_many
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance
from services.events.penalties.service import spared
from services.events.registrations.answers import drop_of
from services.events.registrations.models import Registration
from services.events.registrations.rules import LIVE, TAKEN

SETTLE: Final = "activity.settle_registrations"
TOGETHER: Final = 500
"""So many registrations are written in one transaction."""

timers = Timers()

_LIVE: Final = col(Registration.status).in_(sorted(LIVE))
UNCONFIRMED: Final = and_(
    _LIVE, or_(col(Registration.unconfirmed), col(Registration.asked) < col(Activity.asked))
).label("unconfirmed")
"""Whether they were asked once more, of a registration joined with its activity."""
_ENDED: Final[Mapping[str, Any]] = {
    "status": "cancelled",
    "queued": None,
    "behind": False,
    "unconfirmed": False,
    "offer_ends_at": None,
}


def unwritten(activity: Activity, row: Registration) -> dict[str, Any]:
    """What of a registration is not written yet."""
    if row.status not in LIVE:
        return {}
    if activity.status == "cancelled":
        return {**_ENDED, "ended_at": activity.cancelled_at, "changed_at": activity.cancelled_at}
    return {"unconfirmed": True, "asked": activity.asked} if row.asked < activity.asked else {}


def as_of_now(activity: Activity, row: Registration) -> Registration:
    """A registration as readers are to see it; not of the session where something is not written yet."""
    changes = unwritten(activity, row)
    return Registration(**row.model_dump() | changes) if changes else row


def write_down(activity: Activity, row: Registration) -> None:
    """Write what is not written yet of a locked registration."""
    row.sqlmodel_update(unwritten(activity, row))


async def settle(work: Work, activities: Sequence[Activity], held: int) -> None:
    """Write down what became of those who registered for locked activities, `held` in all; where these are many, begin with it."""
    if held > TOGETHER:
        await schedule_many(work.session, SETTLE, {one.id: work.now for one in activities})
        return
    await _write(work.session, among(work.session, col(Registration.activity_id), [one.id for one in activities]))


@timers.on(SETTLE, late=Late.ENDING)
async def settle_some(session: AsyncSession, timer: Timer) -> None:
    """Write down what became of the next, and come again if there are more."""
    activity = await session.get(Activity, timer.subject_id, with_for_update=True, populate_existing=True)
    if activity is None:
        return
    ids = await _next(session, activity)
    await _write(session, among(session, col(Registration.id), ids))
    if len(ids) == TOGETHER:
        await again(session, timer)
    elif activity.status == "completed":
        # What was corrected meanwhile is counted, too.
        marked = select(func.count()).where(
            col(Registration.activity_id) == activity.id, col(Registration.no_show_at).is_not(None)
        )
        activity.no_shows = int((await session.execute(marked)).scalar_one())


async def settle_no_shows(work: Work, activity: Activity, held: int) -> None:
    """Count who has a seat at a completed activity and was not there, and mark them; where these are many, begin with it."""
    await work.session.flush()
    missing = (
        select(func.count()).select_from(Registration).where(_missing(), col(Registration.activity_id) == activity.id)
    )
    activity.no_shows = int((await work.session.execute(missing)).scalar_one())
    await work.session.flush()
    await settle(work, [activity], held)


async def _next(session: AsyncSession, activity: Activity) -> list[UUID]:
    of_activity = select(col(Registration.id)).where(col(Registration.activity_id) == activity.id)
    match activity.status:
        case "completed":
            found = of_activity.where(_missing(), col(Registration.no_show_at).is_(None))
        case "cancelled":
            found = of_activity.where(_LIVE)
        case _:
            found = of_activity.where(_LIVE, col(Registration.asked) < activity.asked)
    return list((await session.execute(found.order_by(col(Registration.id)).limit(TOGETHER))).scalars())


def _of(column: Any) -> Any:
    """A column of the activity of a registration."""
    of_it = select(column).where(col(Activity.id) == col(Registration.activity_id))
    # Also where the activity is joined outside.
    return of_it.correlate(Registration).scalar_subquery()


def _missing() -> Any:
    """Who has a seat and was not there; not who has not said again that they come, nor whose leave nobody has decided about, nor who could not
    come for a penalty that should not have been.
    """
    there = exists().where(
        col(Attendance.activity_id) == col(Registration.activity_id),
        col(Attendance.member_id) == col(Registration.member_id),
        col(Attendance.revoked_at).is_(None),
    )
    return and_(
        col(Registration.status).in_(sorted(TAKEN)),
        ~col(Registration.unconfirmed),
        col(Registration.asked) >= _of(col(Activity.asked)),
        or_(col(Registration.leave_asked_at).is_(None), col(Registration.leave_decided_at).is_not(None)),
        ~there,
        ~spared(col(Registration.member_id), _of(col(Activity.starts_at)), _of(col(Activity.ends_at))),
    )


def wrongly_counted() -> Any:
    """Of a registration joined with its completed activity: it says that somebody is missing who is not, or the reverse."""
    marked = col(Registration.no_show_at).is_not(None)
    return or_(and_(marked, ~_missing()), and_(~marked, _missing()))


async def _write(session: AsyncSession, these: Any) -> None:
    """Write what their activities say of these registrations, in the order in which it can have happened."""
    status, asked, cancelled_at = _of(col(Activity.status)), _of(col(Activity.asked)), _of(col(Activity.cancelled_at))
    await drop_of(session, select(col(Registration.id)).where(these, _LIVE, status == "cancelled"))
    changes: list[tuple[Any, Mapping[str, Any]]] = [
        (status == "cancelled", {**_ENDED, "ended_at": cancelled_at, "changed_at": cancelled_at}),
        (col(Registration.asked) < asked, {"unconfirmed": True, "asked": asked}),
    ]
    for so, values in changes:
        changed = update(Registration).where(these, _LIVE, so).values(**values)
        await session.execute(changed.execution_options(synchronize_session=False))
    marked = update(Registration).where(these, status == "completed", _missing())
    starts_at = _of(col(Activity.starts_at))
    await session.execute(marked.values(no_show_at=starts_at).execution_options(synchronize_session=False))
