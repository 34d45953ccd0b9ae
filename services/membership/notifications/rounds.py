"""What concerns many: some hundreds in a transaction, by a timer that comes again behind whatever is due meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, schedule
from services.membership.notifications import queries
from services.membership.notifications.models import NotificationRound
from services.membership.notifications.queries import Recipient
from services.membership.notifications.rules import CHUNK, Tell, is_meant
from services.membership.notifications.settling import WITHDRAWING, withdraw
from services.membership.notifications.telling import ROUND, deliver

timers = Timers()

_FIRST = UUID(int=0)


@timers.on(ROUND, late=Late.ENDING)
async def go_on_telling(session: AsyncSession, timer: Timer) -> None:
    """Tell the next members of an audience."""
    row = await session.get(NotificationRound, timer.subject_id, with_for_update=True)
    if row is None:
        return
    one = _tell_of(row)
    known = await queries.sources(session, [one.source])
    if not known.get(one.source, (0, True))[1] or one.community_id is None:
        # It was withdrawn meanwhile.
        await session.delete(row)
        return
    asked = dict(one.audience or {})
    asked["departments"] = await queries.departments_below(session, asked.get("departments") or [])
    found = await queries.audience(session, one.community_id, row.after or _FIRST, CHUNK, timer.now)
    wanted = [
        (one, Recipient(each.person_id, each.id))
        for each in found
        if each.id != one.actor_id and is_meant(asked, set(each.roles), each.department_code, each.cohort_id)
    ]
    if wanted:
        await deliver(session, wanted, {}, timer.now)
    if len(found) < CHUNK:
        await session.delete(row)
        return
    row.after = found[-1].id
    await schedule(session, ROUND, row.id, _behind(timer))


@timers.on(WITHDRAWING, late=Late.ENDING)
async def go_on_withdrawing(session: AsyncSession, timer: Timer) -> None:
    """Withdraw from the next inboxes; it sets its own timer again as long as there is more."""
    row = await session.get(NotificationRound, timer.subject_id, with_for_update=True)
    if row is not None:
        await session.delete(row)
        await withdraw(session, row.telling["sources"], timer.now)


def _behind(timer: Timer) -> datetime:
    """Due now, behind what has waited longer; at the very moment it would be taken for the one that is done."""
    return timer.now if timer.now > timer.due_at else timer.due_at - timedelta(microseconds=1)


def _tell_of(row: NotificationRound) -> Tell:
    told = row.telling
    about = told["about"]
    return Tell(
        template=told["template"],
        source=told["source"],
        version=told["version"],
        thread=told["thread"],
        at=datetime.fromisoformat(told["at"]),
        community_id=UUID(told["community_id"]),
        audience=told["audience"],
        actor_id=UUID(told["actor_id"]) if told["actor_id"] else None,
        about=(about[0], UUID(about[1])) if about else None,
        params=told["params"],
    )
