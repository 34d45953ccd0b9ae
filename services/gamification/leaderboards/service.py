"""Keeping the boards: scores follow the ledger in its own transaction, and windows freeze by the clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared
from chassis.projections.history import calendars_of
from chassis.timers import Timer, Timers
from services.gamification.base import known
from services.gamification.earning.occasions import DaysMoved
from services.gamification.leaderboards.absences import absences_of
from services.gamification.leaderboards.models import RANKED
from services.gamification.leaderboards.rules import Period, Window
from services.gamification.leaderboards.scores import (
    SCORES,
    Stand,
    Sums,
    add,
    reach_anew,
    say_listed,
    say_stand,
    sums_of,
)
from services.gamification.leaderboards.windows import (
    WINDOWS,
    Places,
    edges,
    open_windows,
    places_of,
    seasons_of,
    stay_open,
)
from services.gamification.ledger.occasions import XpChange, XpMoved
from services.gamification.ledger.queries import xp_since
from services.gamification.ledger.wallets import hold_still

timers = Timers()

WINDOWS_AT_ONCE = 200
"""An imported history has windows of years that freeze together, each with everybody in it."""
_WIDEST = timedelta(hours=27)
"""No zone's day begins further from UTC's: 14 hours of zone and half a day of `day_starts_at` at most, and daylight saving."""


async def enter_on_boards(session: AsyncSession, moved: XpMoved) -> None:
    """Add what was earned to every window it happened in, and take off what was taken back.

    Windows already frozen stay as they are. Set-based: the number of statements does not grow with the batch.
    """
    calendars = await calendars_of(session, {change.community_id for change in moved.changes})
    sums = sums_of(moved.changes, calendars)
    seasons = await seasons_of(session, calendars, {one.day for one in sums})
    await _enter(session, sums, places_of(sums, calendars, seasons), moved.now)


async def _enter(session: AsyncSession, sums: Sums, places: Places, now: datetime) -> None:
    if not sums:
        return
    ids = await open_windows(session, {place for day in sums for place in places[day]}, now)
    open_places = {day: [(ids[place], place) for place in places[day] if place in ids] for day in sums}
    absences = await absences_of(session, {member_id for members in sums.values() for member_id in members})
    await add(session, sums, open_places, absences.gone)
    await say_listed(
        session,
        {
            (window_id, member_id): False
            for day, members in sums.items()
            for member_id in members.keys() & absences.terms.keys()
            for window_id, place in open_places[day]
            if absences.hide(member_id, place.from_at, place.to_at)
        },
    )
    await reach_anew(
        session,
        [
            (window_id, place, member_id)
            for day, members in sums.items()
            for member_id, total in members.items()
            if total.taken_back
            for window_id, place in open_places[day]
        ],
    )


async def recount_boards(session: AsyncSession, moved: DaysMoved) -> None:
    """Sum members' scores in the windows still open once more from the ledger, after their community's days have moved.

    What was entered before the community was heard of, or before it was heard that it moved, may lie on another day now.
    """
    is_open = and_(WINDOWS.c.community_id == moved.community_id, WINDOWS.c.freezes_at > moved.now)
    columns = (WINDOWS.c.id, WINDOWS.c.period, WINDOWS.c.from_day, WINDOWS.c.freezes_at)
    rows = (await session.execute(select(*columns).where(is_open))).all()
    if not rows:
        return
    first = min(row.from_day for row in rows)
    await session.execute(
        delete(SCORES).where(
            SCORES.c.window_id.in_(select(WINDOWS.c.id).where(is_open)),
            among(session, SCORES.c.member_id, moved.member_ids),
        )
    )
    begin = datetime.combine(first, time(0), UTC) - _WIDEST
    found = await xp_since(session, moved.community_id, begin, moved.member_ids)
    changes = [XpChange(member_id, moved.community_id, amount, at) for member_id, amount, at in found]
    calendars = await calendars_of(session, [moved.community_id])
    sums = sums_of(changes, calendars)
    seasons = await seasons_of(session, [moved.community_id], {one.day for one in sums})
    places = {
        day: [place for place in found if place.window.to_day is not None and place.window.from_day >= first]
        for day, found in places_of(sums, calendars, seasons).items()
    }
    await _enter(session, sums, places, moved.now)
    await stay_open(session, rows, {place for found in places.values() for place in found})


_OPEN_SCORES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            SCORES.c.window_id,
            SCORES.c.member_id,
            SCORES.c.listed,
            SCORES.c.cohort_id,
            SCORES.c.department,
            known.members.c.cohort_id.label("present_cohort_id"),
            known.people.c.department_code.label("present_department"),
            WINDOWS.c.community_id,
            WINDOWS.c.period,
            WINDOWS.c.from_day,
            WINDOWS.c.to_day,
        )
        .join(WINDOWS, WINDOWS.c.id == SCORES.c.window_id)
        .outerjoin(known.members, known.members.c.id == SCORES.c.member_id)
        .outerjoin(known.people, known.people.c.id == known.members.c.person_id)
        .where(
            WINDOWS.c.community_id.in_(select(known.members.c.community_id).where(on.among(known.members.c.id, "ids"))),
            WINDOWS.c.freezes_at.is_(None) | (WINDOWS.c.freezes_at > bindparam("now")),
            on.among(SCORES.c.member_id, "ids"),
        )
    )
)


async def relist(session: AsyncSession, member_ids: Sequence[UUID], now: datetime) -> None:
    """Have members stand where they are to stand: on boards or on none, and among their cohort and their department.

    Call when what is known of members has changed. Frozen boards stay as they are. The wallets are locked first: who posts holds
    one, and either finds what is known now or is found here.
    """
    await hold_still(session, member_ids)
    rows = await _OPEN_SCORES.all(session, ids=list(member_ids), now=now)
    if not rows:
        return
    absences = await absences_of(session, member_ids)
    calendars = await calendars_of(session, {row.community_id for row in rows})
    changed: dict[tuple[UUID, UUID], Stand] = {}
    for row in rows:
        window = Window(Period(row.period), row.from_day, row.to_day)
        hidden = absences.hide(row.member_id, *edges(window, calendars[row.community_id]))
        stand = Stand(not hidden, row.present_cohort_id, row.present_department)
        if stand != (row.listed, row.cohort_id, row.department):
            changed[row.window_id, row.member_id] = stand
    await say_stand(session, changed)


_MEMBERS_OF: Prepared[UUID] = Prepared(
    lambda on: select(known.members.c.id).where(on.among(known.members.c.person_id, "ids")).order_by(known.members.c.id)
)


async def relist_people(session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> None:
    """The same for all that these people are members of."""
    members = await _MEMBERS_OF.all(session, ids=list(person_ids))
    if members:
        await relist(session, members, now)


@timers.every(timedelta(minutes=5), kind="leaderboards.freeze")
async def freeze_due(session: AsyncSession, timer: Timer) -> None:
    """Write down which windows have frozen, and how many stood in them: some at a time, as they were frozen when they were due."""
    due = (
        select(WINDOWS.c.id)
        .where(WINDOWS.c.frozen_at.is_(None), WINDOWS.c.freezes_at <= timer.now)
        .order_by(WINDOWS.c.freezes_at)
        .limit(WINDOWS_AT_ONCE)
    )
    members = (
        select(func.count()).select_from(SCORES).where(SCORES.c.window_id == WINDOWS.c.id, RANKED).scalar_subquery()
    )
    await session.execute(
        update(WINDOWS).where(WINDOWS.c.id.in_(due)).values(frozen_at=WINDOWS.c.freezes_at, members=members)
    )
