"""What concerns many: some hundreds in a transaction, by a timer that comes again behind whatever is due meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, schedule
from services.membership.notifications import queries
from services.membership.notifications.models import NotificationRound
from services.membership.notifications.queries import Recipient
from services.membership.notifications.rules import CHUNK, Tell, is_meant
from services.membership.notifications.settling import RETURNING, WITHDRAWING, bring_back, withdraw
from services.membership.notifications.telling import FORMER_TOLD, ROUND, concerns, deliver
from services.membership.notifications.written import read_back

timers = Timers()

_FIRST = UUID(int=0)


@timers.on(ROUND, late=Late.ENDING)
async def go_on_telling(session: AsyncSession, timer: Timer) -> None:
    """Tell the next of those whom it concerns, each of all that the round tells."""
    row = await session.get(NotificationRound, timer.subject_id, with_for_update=True)
    if row is None:
        return
    tellings = [read_back(one) for one in row.telling.get("several", [row.telling])]
    found = await _next(session, tellings, row.after or _FIRST, timer.now)
    known = await queries.sources(session, {one.source for one in tellings})
    titles = await queries.named(session, [one.title_of for one in tellings if one.title_of is not None])
    # Also what was withdrawn meanwhile, unseen: it may come back, and then it is there for all.
    for withdrawn in (False, True):
        wanted = [
            (one, each)
            for one in tellings
            if known.get(one.source, (0, True))[1] is not withdrawn and _is_worth_it(one, known, timer.now)
            for each in found.people
            if concerns(one, each)
        ]
        if wanted:
            await deliver(session, wanted, titles, timer.now, withdrawn=withdrawn)
    if found.after is None:
        await session.delete(row)
        return
    row.after = found.after
    await schedule(session, ROUND, row.id, _behind(timer))


@dataclass(frozen=True, slots=True)
class _Found:
    """Who is told now, and behind which member the next are."""

    people: Sequence[Recipient]
    after: UUID | None


async def _next(session: AsyncSession, tellings: Sequence[Tell], after: UUID, now: datetime) -> _Found:
    one = tellings[0]
    if one.audience is not None:
        return await _next_of_audience(session, one, after, now)
    if one.followers_of is None:
        people = await queries.recipients(session, one.members, now)
        return _Found([each for each in people.values() if one.former or each.status in FORMER_TOLD], None)
    most = max(1, CHUNK // len(tellings))
    rows = await queries.next_followers(session, one.followers_of, after, most)
    people = await queries.recipients(session, rows, now)
    took_part = [each for each in people.values() if each.status in FORMER_TOLD]
    return _Found(took_part, rows[-1] if len(rows) == most else None)


async def _next_of_audience(session: AsyncSession, one: Tell, after: UUID, now: datetime) -> _Found:
    if one.community_id is None:
        return _Found([], None)
    asked = dict(one.audience or {})
    asked["departments"] = await queries.departments_below(session, asked.get("departments") or [])
    rows = await queries.audience(session, one.community_id, after, CHUNK, now)
    groups = {UUID(str(key)) for key in asked.get("group_ids") or []}
    belonging = {member_id for _, member_id in await queries.belonging(session, groups, [each.id for each in rows])}
    meant = [
        Recipient(each.person_id, each.id)
        for each in rows
        if is_meant(asked, set(each.roles), each.department_code, each.cohort_id, in_groups=each.id in belonging)
    ]
    return _Found(meant, rows[-1].id if len(rows) == CHUNK else None)


def _is_worth_it(one: Tell, known: Mapping[str, tuple[int, bool]], now: datetime) -> bool:
    """Whether it has not lapsed, and nothing newer stands in its place."""
    if one.lapses_at is not None and one.lapses_at <= now:
        return False
    return not one.replaces or one.version >= known.get(one.source, (0, True))[0]


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
