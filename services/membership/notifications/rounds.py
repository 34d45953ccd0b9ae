"""What concerns many: some hundreds in a transaction, by a timer that comes again behind whatever is due meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, schedule
from services.membership.notifications import queries
from services.membership.notifications.models import NotificationRound
from services.membership.notifications.queries import Recipient
from services.membership.notifications.rules import CHUNK, Tell, is_meant
from services.membership.notifications.settling import RETURNING, WITHDRAWING, bring_back, withdraw
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
    if one.community_id is None:
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
        # Also what was withdrawn meanwhile, unseen: it may come back, and then it is there for all.
        await deliver(session, wanted, {}, timer.now, withdrawn=not known.get(one.source, (0, True))[1])
    if len(found) < CHUNK:
        await session.delete(row)
        return
    row.after = found[-1].id
    await schedule(session, ROUND, row.id, _behind(timer))


@timers.on(WITHDRAWING, late=Late.ENDING)
async def go_on_withdrawing(session: AsyncSession, timer: Timer) -> None:
    """Withdraw from the next inboxes what does not hold still; it sets its own timer again as long as there is more."""
    await withdraw(session, await _still(session, timer, live=False), timer.now)


@timers.on(RETURNING, late=Late.ENDING)
async def go_on_returning(session: AsyncSession, timer: Timer) -> None:
    """Put back into the next inboxes what holds still; it sets its own timer again as long as there is more."""
    await bring_back(session, await _still(session, timer, live=True), timer.now)


async def _still(session: AsyncSession, timer: Timer, *, live: bool) -> list[str]:
    """The sources of a round that are still as they were when it began; the round is over."""
    row = await session.get(NotificationRound, timer.subject_id, with_for_update=True)
    if row is None:
        return []
    await session.delete(row)
    known = await queries.sources(session, row.telling["sources"])
    return [source for source, (_, holds) in sorted(known.items()) if holds is live]


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
