"""What a penalty took that should not have been: seats come back where they are free, else their members are first in line.

Nobody was missing in that time. Activity by activity, a transaction each; then the penalty is answered.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.penalties import MOST_LEFT, LeftAlone, Step
from chassis.timers import Late, Timer, Timers, again, schedule
from chassis.web.work import Work
from contracts.events import RegistrationAssigned, RegistrationConfirmed, RegistrationWaitlisted
from services.events.activities.models import Activity
from services.events.base import penalties
from services.events.penalties.handlers import RETURN
from services.events.penalties.rules import Bar, comes_back
from services.events.penalties.service import bars_of
from services.events.registrations.leaving import Gone, gone_now, next_to_give_back
from services.events.registrations.models import GivenUp, Registration
from services.events.registrations.offers import fill
from services.events.registrations.queries import lock_activities, places_of, registrations_by_id
from services.events.registrations.rules import LIVE, TAKEN
from services.events.registrations.seats import Told, count_missing, free, line_up, seat, tell
from services.events.registrations.settling import wrongly_counted

WAITS: Final = timedelta(minutes=10)
"""So long an answer waits for what else membership tells of the member, which comes by another way."""
LOOKS_AGAIN: Final = timedelta(seconds=30)
MOST: Final = 500
"""So much of one member is looked at."""
RETURNED: Final = "returned"
FIRST: Final = "first_in_line"
WAITING: Final = "in_line"
TooLate = Literal["activity_cancelled", "activity_started", "registered_again", "given_back_since"]
"""Why something does not come back, in words for members in `services/membership/appeals/progress.py`."""
_CAME_BACK: Final = frozenset({RETURNED, FIRST, WAITING})

timers = Timers()


@timers.on(RETURN, late=Late.BEGINNING)
async def come_back(session: AsyncSession, timer: Timer) -> None:
    """Give one thing back that was given up for a penalty and should not have been, and come again for the next; then answer."""
    member_id = timer.subject_id
    # Locks the member's penalties: one after the other whatever follows from them.
    steps = await penalties.unanswered(session, member_id)
    bars = await bars_of(session, member_id)
    if not bars:
        return
    work = Work(session, timer.now)
    gone = await gone_now(session, member_id, timer.now)
    due = [one for one in await _given_up(session, member_id) if comes_back(bars, one[0].given_up_at, one[1])]
    if await _is_early(work, steps, bars, gone, waits=bool(due)):
        await schedule(session, RETURN, member_id, timer.now + LOOKS_AGAIN)
        return
    for given_up, starts_at in due:
        if gone is None or (gone.kept_from is not None and starts_at >= gone.kept_from):
            await _give_back(work, given_up, bars, starts_at)
            await again(session, timer)
            return
    cleared = await _count_anew(work, member_id, bars)
    barring = {bar.penalty.id: bar for bar in bars}
    for step in steps:
        bar = barring.get(step.now.id)
        if bar is not None:
            undone, left = await _came_to(session, bar, bars, gone)
            await penalties.answer(session, step, undone=undone | {"no_shows": cleared[step.now.id]}, left=left)


async def _is_early(work: Work, steps: Sequence[Step], bars: Sequence[Bar], gone: Gone | None, *, waits: bool) -> bool:
    """Whether what is known of the member does not go with what is known of their penalties yet, or what they lose is not all given back."""
    if not any(step.now.changed_at is not None and work.now < step.now.changed_at + WAITS for step in steps):
        return False
    lasting = any(bar.lasts(work.now) for bar in bars)
    if lasting and gone is not None:
        return await next_to_give_back(work.session, bars[0].penalty.member_id, gone, work.now) is not None
    return lasting or (waits and gone is not None)


async def _given_up(session: AsyncSession, member_id: UUID) -> list[tuple[GivenUp, datetime]]:
    """What a member gave up and does not have again: the latest activities, with when they begin."""
    found = (
        select(GivenUp, col(Activity.starts_at))
        .join(Registration, col(Registration.id) == col(GivenUp.registration_id))
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .where(col(GivenUp.member_id) == member_id, col(GivenUp.outcome).is_(None))
        .order_by(col(Activity.starts_at).desc(), col(Registration.id))
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in await session.execute(found)]


async def _give_back(work: Work, given_up: GivenUp, bars: Sequence[Bar], starts_at: datetime) -> None:
    """Give somebody their seat, or their place in the line, and note what became of it."""
    session = work.session
    noted = await session.get_one(Registration, given_up.registration_id)
    activity = await session.get_one(Activity, noted.activity_id, with_for_update=True, populate_existing=True)
    row = await session.get_one(Registration, noted.id, with_for_update=True, populate_existing=True)
    sparing = [bar.penalty for bar in bars if bar.spares(given_up.given_up_at, starts_at)]
    penalty = max(sparing, key=lambda one: (one.changed_at or work.now, one.id))
    given_up.penalty_id, given_up.revision = penalty.id, penalty.revision
    given_up.outcome = _too_late(work, activity, row, given_up) or await _seat_again(work, activity, row, given_up)


def _too_late(work: Work, activity: Activity, row: Registration, given_up: GivenUp) -> TooLate | None:
    """Why it does not come back; None if it does."""
    if activity.status == "cancelled":
        return "activity_cancelled"
    if activity.status != "announced" or activity.starts_at <= work.now:
        return "activity_started"
    if row.status in LIVE and (row.status != "waitlisted" or given_up.status == "waitlisted"):
        return "registered_again"
    if row.status not in LIVE and row.registered_at > given_up.given_up_at:
        return "given_back_since"
    return None


async def _seat_again(work: Work, activity: Activity, row: Registration, given_up: GivenUp) -> str:
    row.ended_at, row.unconfirmed = None, row.unconfirmed or given_up.unconfirmed
    assigned = given_up.status == "assigned"
    if assigned or (given_up.status == "confirmed" and free(activity) != 0):
        seat(work, activity, row)
        if assigned:
            row.status = "assigned"
        await tell(work, [Told(RegistrationAssigned if assigned else RegistrationConfirmed, activity, row)])
        return RETURNED
    had_place = given_up.status == "waitlisted" and given_up.queued is not None
    line_up(activity, row, place=(given_up.queued or 0, given_up.behind) if had_place else None)
    await work.session.flush()
    places = await places_of(work.session, [row.id])
    await tell(work, [Told(RegistrationWaitlisted, activity, row, places[row.id])])
    await fill(work, [activity])
    return WAITING if had_place else FIRST


async def _count_anew(work: Work, member_id: UUID, bars: Sequence[Bar]) -> Counter[UUID]:
    """Count again to what a member did not come in the time of their penalties; answers for each penalty how often they are missing no more."""
    session = work.session
    await session.flush()
    begin = min(bar.served_from for bar in bars)
    found = (
        select(col(Registration.id), col(Registration.activity_id))
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .where(
            col(Registration.member_id) == member_id,
            col(Registration.status).in_(sorted(TAKEN)),
            col(Activity.status) == "completed",
            col(Activity.ends_at) > begin,
            wrongly_counted(),
        )
        .order_by(col(Registration.id))
        .limit(MOST)
    )
    wrong = {row.id: row.activity_id for row in await session.execute(found)}
    activities = {one.id: one for one in await lock_activities(session, set(wrong.values()))}
    cleared: Counter[UUID] = Counter()
    for row in await registrations_by_id(session, wrong, lock=True):
        activity = activities[row.activity_id]
        was_missing = row.no_show_at is not None
        count_missing(activity, row, missing=not was_missing)
        if was_missing:
            cleared.update(_sparing(bars, activity)[:1])
    return cleared


def _sparing(bars: Sequence[Bar], activity: Activity) -> list[UUID]:
    spared = [(bar.penalty.id, bar.spared) for bar in bars]
    return [key for key, span in spared if span and span[0] < activity.ends_at and span[1] > activity.starts_at]


async def _came_to(
    session: AsyncSession, bar: Bar, bars: Sequence[Bar], gone: Gone | None
) -> tuple[dict[str, int], list[LeftAlone]]:
    """What a revision came to: how much was given up and came back, and what did not, and why."""
    await session.flush()
    penalty = bar.penalty
    counts: Counter[str] = Counter()
    left: list[LeftAlone] = []
    settled = select(col(GivenUp.registration_id), col(GivenUp.outcome)).where(
        col(GivenUp.member_id) == penalty.member_id,
        col(GivenUp.penalty_id) == penalty.id,
        col(GivenUp.revision) == penalty.revision,
    )
    for key, outcome in await session.execute(settled.order_by(col(GivenUp.registration_id)).limit(MOST)):
        if outcome in _CAME_BACK:
            counts[f"registrations_{outcome}"] += 1
        else:
            left.append(LeftAlone("registration", key, outcome))
    for given_up, starts_at in await _given_up(session, penalty.member_id):
        if bar.takes(given_up.given_up_at, starts_at):
            if given_up.told_of is None:
                given_up.told_of = penalty.id
                counts["registrations_given_up"] += 1
        elif bar.spares(given_up.given_up_at, starts_at):
            other = any(one.takes(given_up.given_up_at, starts_at) for one in bars)
            why = "other_penalty" if other or gone is None or gone.status == "suspended" else "not_a_member"
            left.append(LeftAlone("registration", given_up.registration_id, why))
    return dict(counts), left[:MOST_LEFT]
