"""Taking check-ins in, whichever way they arrive: now, made up or imported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.sql.expression import bindparam
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many, upsert_many
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.gamification import CheckinRecorded, StreakReached
from services.gamification.checkins.models import Checkin, Streak, streak_values
from services.gamification.checkins.rules import (
    CheckinDay,
    IsWorkday,
    Step,
    StreakState,
    fold,
    new_milestones,
    step,
)
from services.gamification.checkins.weeks import FullWeek, settle
from services.gamification.checkins.workdays import is_workday
from services.gamification.earning import service as earning
from services.gamification.earning.restating import restate
from services.gamification.earning.rulebook import hold_rules
from services.gamification.earning.rules import Occurrence
from services.gamification.earning.triggers import CHECKED_IN
from services.gamification.ledger.service import next_versions
from services.gamification.ledger.wallets import WalletState, lock_wallets

_CHECKINS: Table = Checkin.__table__  # type: ignore[attr-defined]
_STREAKS: Table = Streak.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NewCheckin:
    """A check-in whose day is decided and not taken yet."""

    community_id: UUID
    member_id: UUID
    day: CheckinDay
    occurred_at: datetime
    origin: str
    note: str | None = None
    source_ref: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class _Member:
    """What a batch does to one member."""

    member_id: UUID
    community_id: UUID
    state: StreakState
    steps: dict[date, Step]
    milestones: list[tuple[date, int]]
    changed: list[tuple[UUID, Step]]
    happened: dict[date, datetime]
    """When the check-ins of the days concerned happened."""
    folded_again: bool
    """Whether `steps` are all days of the member, else those that are new."""


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
    now: datetime,
    calendar: IsWorkday = is_workday,
) -> None:
    """Take check-ins in, new or late: fold the streaks, pay what is due, take back what no longer is, tell it.

    The caller has taken `hold` of the members. `checkins` are of days that are free, `earlier` of days that are taken by a
    later moment: the first moment of a day wins, whichever arrived first. Set-based: a batch of many members costs a few
    statements; a member whose days only go on is not folded again.
    """
    by_member: dict[tuple[UUID, UUID], list[NewCheckin]] = {
        (checkin.member_id, checkin.community_id): [] for checkin in (*checkins, *earlier)
    }
    for checkin in checkins:
        by_member[checkin.member_id, checkin.community_id].append(checkin)
    states = await _states(session, [member_id for member_id, _ in by_member])
    moved = {checkin.member_id for checkin in earlier}
    late = [
        member_id
        for (member_id, _), arrived in by_member.items()
        if member_id in moved
        or ((last := states[member_id].last) is not None and min(each.day.day for each in arrived) < last.day)
    ]
    kept = await _kept(session, late)
    await _move(session, kept, earlier)
    members = [
        _fold_again(member_id, community_id, arrived, kept[member_id], calendar)
        if member_id in kept
        else _go_on(arrived, states[member_id], calendar)
        for (member_id, community_id), arrived in by_member.items()
    ]
    messages = [_recorded(checkin) for checkin in checkins]
    await _write(session, checkins, messages, members, now)
    await emit_many(session, messages)
    await _pay(session, checkins, messages, members)
    await _tell_milestones(session, members)


async def _states(session: AsyncSession, members: Iterable[UUID]) -> dict[UUID, StreakState]:
    rows = await session.execute(
        select(Streak).where(col(Streak.member_id).in_(list(members))).execution_options(populate_existing=True)
    )
    found = {row.member_id: row.state for row in rows.scalars()}
    return {member_id: found.get(member_id, StreakState()) for member_id in members}


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


def _go_on(arrived: Sequence[NewCheckin], state: StreakState, calendar: IsWorkday) -> _Member:
    steps: dict[date, Step] = {}
    for checkin in sorted(arrived, key=lambda each: each.day.day):
        state, one = step(state, checkin.day, is_workday=calendar)
        steps[one.day] = one
    return _Member(
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
    member_id: UUID, community_id: UUID, arrived: Sequence[NewCheckin], kept: Sequence[Checkin], calendar: IsWorkday
) -> _Member:
    days = [checkin.day for checkin in arrived] + [row.as_day for row in kept]
    state, steps = fold(days, is_workday=calendar)
    by_day = {one.day: one for one in steps}
    return _Member(
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


async def _write(
    session: AsyncSession,
    checkins: Sequence[NewCheckin],
    messages: Sequence[Outgoing],
    members: Sequence[_Member],
    now: datetime,
) -> None:
    steps = {member.member_id: member.steps for member in members}
    await insert_many(
        session,
        _CHECKINS,
        [
            {
                "id": checkin.id,
                "community_id": checkin.community_id,
                "member_id": checkin.member_id,
                "day": checkin.day.day,
                "time_zone": checkin.day.time_zone,
                "began_at": checkin.day.began_at,
                "streak_days": checkin.day.streak_days.value,
                "occurred_at": checkin.occurred_at,
                "recorded_at": now,
                "origin": checkin.origin,
                "note": checkin.note,
                "source_ref": checkin.source_ref,
                "length": steps[checkin.member_id][checkin.day.day].length,
                "froze": steps[checkin.member_id][checkin.day.day].froze,
                "message_id": message.id,
                "told_at": message.occurred_at,
            }
            for checkin, message in zip(checkins, messages, strict=True)
        ],
    )
    if changed := [each for member in members for each in member.changed]:
        await (await session.connection()).execute(
            update(_CHECKINS)
            .where(_CHECKINS.c.id == bindparam("checkin_id"))
            .values(length=bindparam("new_length"), froze=bindparam("new_froze")),
            [{"checkin_id": id_, "new_length": one.length, "new_froze": one.froze} for id_, one in changed],
        )
    rows = [streak_values(member.member_id, member.community_id, member.state) for member in members]
    await upsert_many(
        session, _STREAKS, rows, key=["member_id"], update=[name for name in rows[0] if name != "member_id"]
    )


def _recorded(checkin: NewCheckin) -> Outgoing:
    message = CheckinRecorded(
        community_id=checkin.community_id,
        checkin_id=checkin.id,
        member_id=checkin.member_id,
        day=checkin.day.day,
        time_zone=checkin.day.time_zone,
        origin=checkin.origin,
    )
    return Outgoing(message, version=1, occurred_at=checkin.occurred_at)


def event_of(row: Checkin) -> CheckinRecorded:
    """The message of a check-in as it was told."""
    return CheckinRecorded(
        community_id=row.community_id,
        checkin_id=row.id,
        member_id=row.member_id,
        day=row.day,
        time_zone=row.time_zone,
        origin=row.origin,
    )


# --- what it pays ----------------------------------------------------------------------------------------------------


async def _pay(
    session: AsyncSession, checkins: Sequence[NewCheckin], messages: Sequence[Outgoing], members: Sequence[_Member]
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


async def _tell_milestones(session: AsyncSession, members: Sequence[_Member]) -> None:
    messages: list[Outgoing] = []
    for member in members:
        if not member.milestones:
            continue
        version = await next_versions(session, member.member_id, len(member.milestones))
        for n, (day, length) in enumerate(member.milestones):
            message = StreakReached(
                community_id=member.community_id, member_id=member.member_id, length=length, day=day
            )
            messages.append(Outgoing(message, version=version + n, occurred_at=member.happened[day]))
    await emit_many(session, messages)
