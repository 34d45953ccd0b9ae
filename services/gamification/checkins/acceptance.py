"""Taking check-ins in, whichever way they arrive: now, made up or imported."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.projections.workdays import work_calendar
from chassis.work_calendar import WorkCalendar
from contracts.gamification import StreakReached
from services.gamification.base import penalties
from services.gamification.checkins.models import Checkin, Streak
from services.gamification.checkins.rules import (
    Spans,
    Step,
    StreakState,
    fold,
    new_milestones,
    provisional_from,
    step,
)
from services.gamification.checkins.weeks import FullWeek, settle
from services.gamification.checkins.writing import Judged, NewCheckin, event_of, recorded, write
from services.gamification.deeds.service import tell
from services.gamification.earning import service as earning
from services.gamification.earning.restating import restate
from services.gamification.earning.rulebook import hold_rules
from services.gamification.earning.rules import Occurrence
from services.gamification.earning.triggers import CHECKED_IN
from services.gamification.ledger.service import next_versions
from services.gamification.ledger.wallets import WalletState, lock_wallets


async def hold(session: AsyncSession, members: Mapping[UUID, UUID]) -> dict[UUID, WalletState]:
    """Lock what checking in counts under, given member ids with their community ids: their rules, then their wallets."""
    if not members:
        return {}
    await hold_rules(session, set(members.values()))
    return await lock_wallets(session, members)


async def accept(
    session: AsyncSession,
    checkins: Sequence[NewCheckin],
    *,
    earlier: Sequence[NewCheckin] = (),
    again: Mapping[UUID, UUID] = MappingProxyType({}),
    now: datetime,
    calendar: WorkCalendar | None = None,
) -> None:
    """Take check-ins in, new or late: fold the streaks, pay what is due, take back what no longer is, tell it.

    The caller has taken `hold` of the members. `checkins` are of days that are free, `earlier` of days that are taken by a
    later moment: the first moment of a day wins, whichever arrived first. `again` are members, with their communities, whose days
    are judged again although none arrived. Set-based: a batch of many members costs a few statements; a member whose days only
    go on is not folded again, unless a day that was decided by the plain week is known by now.
    """
    if calendar is None:
        calendar = await work_calendar(session)
    by_member: dict[tuple[UUID, UUID], list[NewCheckin]] = {
        member: [] for member in [*((one.member_id, one.community_id) for one in (*checkins, *earlier)), *again.items()]
    }
    for checkin in checkins:
        by_member[checkin.member_id, checkin.community_id].append(checkin)
    states = await _states(session, [member_id for member_id, _ in by_member])
    moved = {checkin.member_id for checkin in earlier} | set(again)
    late = [
        member_id
        for (member_id, _), arrived in by_member.items()
        if member_id in moved
        or _is_known_by_now(states[member_id], calendar)
        or ((last := states[member_id].last) is not None and min(each.day.day for each in arrived) < last.day)
    ]
    kept = await _kept(session, late)
    await _move(session, kept, earlier)
    # Of the others their streak says it.
    spared = await _spared(session, {*late, *(one for one, state in states.items() if state.last is None)})
    members = [
        _fold_again(member_id, community_id, arrived, kept[member_id], calendar, spared.get(member_id, ()))
        if member_id in kept
        else _go_on(arrived, _sparing(states[member_id], spared.get(member_id)), calendar)
        for (member_id, community_id), arrived in by_member.items()
    ]
    messages = [recorded(checkin) for checkin in checkins]
    await write(session, checkins, messages, members, now)
    await emit_many(session, messages)
    await _pay(session, checkins, messages, members)
    await _tell_milestones(session, members)


def _is_known_by_now(state: StreakState, calendar: WorkCalendar) -> bool:
    return state.provisional_from is not None and calendar.is_known(state.provisional_from)


_OF_MEMBERS = Prepared(lambda on: select(Streak).where(on.among(col(Streak.member_id), "ids")))


async def _states(session: AsyncSession, members: Iterable[UUID]) -> dict[UUID, StreakState]:
    ids = list(members)
    found = {row.member_id: row.state for row in await _OF_MEMBERS.all(session, ids=ids)}
    return {member_id: found.get(member_id, StreakState()) for member_id in ids}


async def _kept(session: AsyncSession, members: Sequence[UUID]) -> dict[UUID, list[Checkin]]:
    if not members:
        return {}
    rows = await session.execute(
        select(Checkin).where(col(Checkin.member_id).in_(members)).execution_options(populate_existing=True)
    )
    kept: dict[UUID, list[Checkin]] = {member_id: [] for member_id in members}
    for row in rows.scalars():
        kept[row.member_id].append(row)
    return kept


async def _spared(session: AsyncSession, members: Collection[UUID]) -> dict[UUID, Spans]:
    """When each of these members was sanctioned by what was undone since."""
    found = await penalties.of_members(session, members) if members else {}
    spans = {member_id: [one.spared for one in of_member] for member_id, of_member in found.items()}
    return {member_id: tuple(sorted(span for span in of_member if span)) for member_id, of_member in spans.items()}


def _sparing(state: StreakState, spared: Spans | None) -> StreakState:
    return state if spared is None else replace(state, spared=spared)


async def _move(session: AsyncSession, kept: Mapping[UUID, Sequence[Checkin]], earlier: Sequence[NewCheckin]) -> None:
    """Give check-ins their earlier moments; what a member wrote is kept, what was imported is that of the moment."""
    if not earlier:
        return
    rows = {(row.member_id, row.day): row for member_id in kept for row in kept[member_id]}
    deeds: list[Occurrence] = []
    for checkin in earlier:
        row = rows[checkin.member_id, checkin.day.day]
        row.occurred_at = checkin.occurred_at
        if row.origin == "imported":
            row.note, row.source_ref = checkin.note, checkin.source_ref
        deeds += CHECKED_IN.occurrences(event_of(row), source_id=row.id, occurred_at=row.occurred_at)
    await session.flush()
    await restate(session, deeds)


def _go_on(arrived: Sequence[NewCheckin], state: StreakState, calendar: WorkCalendar) -> Judged:
    steps: dict[date, Step] = {}
    if state.provisional_from is None:
        days = sorted((checkin.day for checkin in arrived), key=lambda day: day.day)
        after = [state.last, *days] if state.last else days
        state = replace(state, provisional_from=provisional_from(after, first_unknown=calendar.first_unknown))
    for checkin in sorted(arrived, key=lambda each: each.day.day):
        state, one = step(state, checkin.day, is_workday=calendar.is_workday)
        steps[one.day] = one
    return Judged(
        member_id=arrived[0].member_id,
        community_id=arrived[0].community_id,
        state=state,
        steps=steps,
        milestones=[(day, one.milestone) for day, one in steps.items() if one.milestone],
        changed=[],
        happened={checkin.day.day: checkin.occurred_at for checkin in arrived},
        folded_again=False,
    )


def _fold_again(
    member_id: UUID,
    community_id: UUID,
    arrived: Sequence[NewCheckin],
    kept: Sequence[Checkin],
    calendar: WorkCalendar,
    spared: Spans,
) -> Judged:
    days = sorted([checkin.day for checkin in arrived] + [row.as_day for row in kept], key=lambda day: day.day)
    state, steps = fold(days, is_workday=calendar.is_workday, start=StreakState(spared=spared))
    state = replace(state, provisional_from=provisional_from(days, first_unknown=calendar.first_unknown))
    by_day = {one.day: one for one in steps}
    return Judged(
        member_id=member_id,
        community_id=community_id,
        state=state,
        steps=by_day,
        milestones=new_milestones((row.as_step for row in kept), steps),
        changed=[
            (row.id, by_day[row.day])
            for row in kept
            if (row.length, row.froze) != (by_day[row.day].length, by_day[row.day].froze)
        ],
        happened={row.day: row.occurred_at for row in kept}
        | {checkin.day.day: checkin.occurred_at for checkin in arrived},
        folded_again=True,
    )


# --- what it pays ----------------------------------------------------------------------------------------------------


async def _pay(
    session: AsyncSession, checkins: Sequence[NewCheckin], messages: Sequence[Outgoing], members: Sequence[Judged]
) -> None:
    occurrences = [
        occurrence
        for checkin, message in zip(checkins, messages, strict=True)
        for occurrence in CHECKED_IN.occurrences(message.event, source_id=checkin.id, occurred_at=checkin.occurred_at)
    ]
    weeks = await settle(
        session,
        due=[
            FullWeek(member.member_id, member.community_id, day, member.happened[day], one.length)
            for member in members
            for day, one in member.steps.items()
            if one.pays_bonus
        ],
        days={member.member_id: list(member.steps) for member in members if member.folded_again},
    )
    await earning.record(session, occurrences + weeks)


async def _tell_milestones(session: AsyncSession, members: Sequence[Judged]) -> None:
    messages: list[Outgoing] = []
    for member in members:
        if not member.milestones:
            continue
        version = await next_versions(session, member.member_id, len(member.milestones))
        for n, (day, length) in enumerate(member.milestones):
            message = StreakReached(
                community_id=member.community_id, member_id=member.member_id, length=length, day=day
            )
            messages.append(Outgoing(message, version=version + n, occurred_at=member.happened[day], kept=True))
    await tell(session, messages)
