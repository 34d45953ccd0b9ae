"""The use cases of checking in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.days import day_began_at, is_skipped, local_day
from chassis.problems import INVALID, NOT_FOUND, FieldError, ProblemType
from chassis.projections.members import KnownMember, known_member, member_for, own_memberships
from chassis.projections.workdays import work_calendar
from chassis.receipts import Receipt
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.spans import Span
from chassis.work_calendar import WorkCalendar
from services.gamification.base import texts
from services.gamification.checkins.acceptance import accept, hold
from services.gamification.checkins.evidence import FOR_NO_PLANS, files_of
from services.gamification.checkins.models import Checkin
from services.gamification.checkins.occasions import DayOffered, PlanAnswer, day_offered
from services.gamification.checkins.queries import (
    bounds_in,
    checkin_on,
    checkins_between,
    feed,
    month_days,
    present_day_in,
    streak_state,
    zone_for,
)
from services.gamification.checkins.rules import (
    MAKE_UP_WITHIN,
    CheckinDay,
    DayState,
    Step,
    StreakDays,
    StreakState,
    calendar,
    can_make_up,
    is_spared,
)
from services.gamification.checkins.weeks import source_of
from services.gamification.checkins.writing import NewCheckin
from services.gamification.earning import service as earning
from services.gamification.ledger import service as ledger
from services.gamification.ledger.holds import POINTS_SHORT
from services.gamification.ledger.lots import available
from services.gamification.ledger.models import Wallet
from services.gamification.permissions import CHECKINS_CREATE, CHECKINS_READ

MAKE_UP_POINTS = 20
"""What making up a missed day costs."""

NOBODY: Final = UUID(int=0)

DAY_NOT_MISSED = ProblemType("day_not_missed", 409, en="This day cannot be made up", zh="该日期不能补卡")


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in with what came of it; `new` is False where the day had one already."""

    checkin: Checkin
    new: bool
    state: StreakState
    today: CheckinDay
    paid: tuple[earning.Paid, ...]
    refused: tuple[earning.Refused, ...]
    wallet: Wallet | None
    calendar: WorkCalendar
    plans: tuple[PlanAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class ForPlans:
    """The plans that a check-in is meant for, and the evidence beside its note: of files their receipts."""

    plan_ids: Sequence[UUID] = ()
    link: str | None = None
    receipts: Sequence[str] = ()


NO_PLANS: Final = ForPlans()


@dataclass(frozen=True, slots=True)
class _HandedIn:
    """The same with the files that the receipts are of."""

    person_id: UUID
    plan_ids: Sequence[UUID]
    link: str | None
    files: Sequence[Receipt]


@dataclass(frozen=True, slots=True)
class Month:
    """A member's month."""

    member: KnownMember
    state: StreakState
    today: CheckinDay
    days: list[date]
    states: dict[date, DayState]
    checkins: dict[date, Checkin]
    can_make_up: set[date]
    provisional: set[date]
    calendar: WorkCalendar


async def check_in(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID,
    note: str | None,
    now: datetime,
    plans: ForPlans = NO_PLANS,
) -> CheckedIn:
    """Check the caller in for their current day. A second check-in on the same day changes nothing but what plans count."""
    standing = await authorize(session, caller, CHECKINS_CREATE, community_id, own=True, now=now)
    member_id, zone = _own(standing)
    handed_in = _handed_in(session, caller, community_id, plans, now)
    await hold(session, {member_id: community_id})
    state = await streak_state(session, member_id)
    today = present_day_in(standing.community, now, state, zone)
    workdays = await work_calendar(session)
    new = today is not state.last
    if new:
        checkin = NewCheckin(community_id, member_id, today, occurred_at=now, origin="now", note=note or None)
        await accept(session, [checkin], now=now, calendar=workdays)
        await _written(session, checkin, now)
    answers = await _offer(session, member_id, today.day, note, handed_in, now, new=new)
    return await _outcome(session, member_id, today, standing, workdays, now, answers, new=new)


async def make_up(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID,
    day: date,
    note: str | None,
    now: datetime,
    plans: ForPlans = NO_PLANS,
) -> CheckedIn:
    """Check the caller in for a day that they missed in the last three, at a price.

    Raises `DAY_NOT_MISSED` if the day is not one of those, `POINTS_SHORT` if they cannot pay.
    """
    standing = await authorize(session, caller, CHECKINS_CREATE, community_id, own=True, now=now)
    member_id, zone = _own(standing)
    handed_in = _handed_in(session, caller, community_id, plans, now)
    wallets = await hold(session, {member_id: community_id})
    state = await streak_state(session, member_id)
    today = present_day_in(standing.community, now, state, zone)
    made_up = _day(standing, day, zone)
    workdays = await work_calendar(session)
    if await checkin_on(session, member_id, day) is not None:
        answers = await _offer(session, member_id, day, note, handed_in, now, new=False)
        return await _outcome(session, member_id, made_up, standing, workdays, now, answers, new=False)
    joined_at = (standing.member.joined_at if standing.member else None) or now
    joined_on = local_day(joined_at, time_zone=made_up.time_zone, day_starts_at=standing.community.day_starts_at)
    skipped = is_skipped(day, time_zone=made_up.time_zone, day_starts_at=standing.community.day_starts_at)
    if skipped or not can_make_up(day, today=today.day, joined_on=joined_on):
        raise DAY_NOT_MISSED(day=day.isoformat(), within_days=MAKE_UP_WITHIN.days)
    spendable = await available(session, wallets[member_id], now)
    if spendable < MAKE_UP_POINTS:
        raise POINTS_SHORT(available=spendable, required=MAKE_UP_POINTS, cost=MAKE_UP_POINTS, points=spendable)
    # Noon of that day: within it whatever the clock did, and on the same day of the community for most zones.
    occurred_at = max(made_up.began_at + timedelta(hours=12), joined_at)
    checkin = NewCheckin(community_id, member_id, made_up, occurred_at, origin="made_up", note=note or None)
    await ledger.post(session, [_price(checkin, now)], wallets, now)
    await accept(session, [checkin], now=now, calendar=workdays)
    await _written(session, checkin, now)
    answers = await _offer(session, member_id, day, note, handed_in, now, new=True)
    return await _outcome(session, member_id, made_up, standing, workdays, now, answers, new=True)


def _handed_in(session: AsyncSession, caller: Caller, community_id: UUID, plans: ForPlans, now: datetime) -> _HandedIn:
    """What is handed in with a check-in. Raises `INVALID` for files that are not the caller's to hand in here, or for no plan."""
    if plans.receipts and not plans.plan_ids:
        raise INVALID(errors=[FOR_NO_PLANS])
    files = files_of(session, plans.receipts, person_id=caller.id, community_id=community_id, now=now)
    return _HandedIn(caller.id, plans.plan_ids, plans.link, files)


async def _offer(
    session: AsyncSession,
    member_id: UUID,
    day: date,
    note: str | None,
    handed_in: _HandedIn,
    now: datetime,
    *,
    new: bool,
) -> Sequence[PlanAnswer]:
    """Let the plans that a check-in names say whether it counts for them."""
    checkin = await checkin_on(session, member_id, day) if handed_in.plan_ids else None
    if checkin is None:
        return ()
    own = new or not note
    offered = DayOffered(
        checkin=checkin,
        plan_ids=handed_in.plan_ids,
        note=checkin.note if own else note,
        text_id=checkin.id if own else None,
        link=handed_in.link,
        files=handed_in.files,
        person_id=handed_in.person_id,
        now=now,
    )
    return [answer for answers in await day_offered.happened(session, offered) for answer in answers]


async def _written(session: AsyncSession, checkin: NewCheckin, now: datetime) -> None:
    """Others read a note once moderation has looked at it."""
    if checkin.note is not None:
        await texts.written(
            session,
            community_id=checkin.community_id,
            kind="checkin",
            object_id=checkin.id,
            author_id=checkin.member_id,
            text={"note": checkin.note},
            now=now,
        )


async def listing(
    session: AsyncSession,
    caller: Caller,
    community_id: UUID | None,
    member_id: UUID | None,
    *,
    mine: bool,
    span: Span,
    now: datetime,
) -> Listing:
    """The check-ins of a community or of a member that the caller may see, or their own in all communities."""
    if member_id is not None:
        member = await known_member(session, member_id)
        if member is None or community_id not in (None, member.community_id):
            raise NOT_FOUND()
        own = caller.kind == "person" and caller.id == member.person_id
        found = await authorize(session, caller, CHECKINS_READ, member.community_id, own=own, now=now)
        if mine and not own:
            raise NOT_FOUND()
        return feed(bounds_in(found.community, span), members=[member_id])
    if community_id is None and mine:
        members = await own_memberships(session, caller)
        return feed(span.bounds(time_zone="UTC"), members=members)
    if community_id is None:
        raise INVALID(
            errors=[
                FieldError(
                    "#/query/community_id",
                    "missing",
                    "Give community_id or member_id, or mine=true.",
                    "请给出 community_id 或 member_id，或 mine=true。",
                )
            ]
        )
    standing = await authorize(session, caller, CHECKINS_READ, community_id, own=True, now=now)
    bounds = bounds_in(standing.community, span)
    if standing.sees_all and not mine:
        return feed(bounds, community_id=community_id)
    return feed(bounds, community_id=community_id, members=[standing.member_id or NOBODY])


async def read_checkin(session: AsyncSession, *, caller: Caller, checkin_id: UUID, now: datetime) -> Checkin:
    """A check-in that the caller may see: their own, or any in a community that they run."""
    checkin = await existing(session, Checkin, checkin_id)
    await member_for(session, caller, CHECKINS_READ, checkin.member_id, now, seen_by=CHECKINS_READ)
    return checkin


async def read_month(
    session: AsyncSession, *, caller: Caller, member_id: UUID, month: str | None, now: datetime
) -> Month:
    """A month of a member's check-ins, the present one if none is named."""
    member = await known_member(session, member_id)
    if member is None:
        raise NOT_FOUND()
    own = caller.kind == "person" and caller.id == member.person_id
    standing = await authorize(session, caller, CHECKINS_READ, member.community_id, own=own, now=now)
    community = standing.community
    state = await streak_state(session, member_id)
    today = present_day_in(community, now, state, member.time_zone)
    try:
        days = month_days(month or today.day.strftime("%Y-%m"))
    except ValueError:
        raise INVALID(
            errors=[FieldError("#/query/month", "not_a_month", "YYYY-MM", "月份的写法为 YYYY-MM。")]
        ) from None
    # The next check-in may lie behind a month of holidays.
    checkins = await checkins_between(session, member_id, days[0], days[-1] + timedelta(days=31))
    zone = zone_for(member.time_zone, community.time_zone)
    joined_on = local_day(member.joined_at, time_zone=zone, day_starts_at=community.day_starts_at)
    workdays = await work_calendar(session)
    skipped = {
        day
        for day in days
        if is_skipped(day, time_zone=zone, day_starts_at=community.day_starts_at) or is_spared(day, state.spared, today)
    }
    states = calendar(
        days,
        steps=[Step(row.day, row.length, row.froze) for row in checkins],
        today=today.day,
        joined_on=joined_on,
        streak_days=StreakDays(community.streak_days),
        is_workday=workdays.is_workday,
        skipped=skipped,
    )
    return Month(
        member=member,
        state=state,
        today=today,
        days=days,
        states=states,
        checkins={row.day: row for row in checkins},
        can_make_up={
            day
            for day, what in states.items()
            if what in (DayState.MISSED, DayState.FROZEN, DayState.OFF)
            and day not in skipped
            and can_make_up(day, today=today.day, joined_on=joined_on)
        },
        provisional={
            day
            for day in days
            if not workdays.is_known(day) and StreakDays(community.streak_days) is StreakDays.WORKDAYS
        },
        calendar=workdays,
    )


def _own(standing: Standing) -> tuple[UUID, str | None]:
    """The caller's member id and zone; the permission reaches members only."""
    if standing.member is None:
        raise NOT_FOUND()
    return standing.member.id, standing.member.time_zone


def _day(standing: Standing, day: date, chosen_zone: str | None) -> CheckinDay:
    community = standing.community
    zone = zone_for(chosen_zone, community.time_zone)
    return CheckinDay(
        day=day,
        time_zone=zone,
        began_at=day_began_at(day, time_zone=zone, day_starts_at=community.day_starts_at),
        streak_days=StreakDays(community.streak_days),
    )


def _price(checkin: NewCheckin, now: datetime) -> ledger.Posting:
    return ledger.Posting(
        member_id=checkin.member_id,
        community_id=checkin.community_id,
        occurred_at=now,
        kind="redemption",
        key=f"make_up:{checkin.id}",
        source_id=checkin.id,
        source_type="checkin.made_up",
        points=-MAKE_UP_POINTS,
        target_kind="checkin",
        target_id=str(checkin.id),
    )


async def _outcome(
    session: AsyncSession,
    member_id: UUID,
    day: CheckinDay,
    standing: Standing,
    workdays: WorkCalendar,
    now: datetime,
    answers: Sequence[PlanAnswer],
    *,
    new: bool,
) -> CheckedIn:
    checkin = await checkin_on(session, member_id, day.day)
    if checkin is None:
        raise NOT_FOUND()
    state = await streak_state(session, member_id)
    week = await source_of(session, member_id, checkin.day)
    deeds = [checkin.id, *([week] if week else []), *(one.source_id for one in answers if one.source_id)]
    results: dict[UUID, Any] = await earning.results(session, member_id=member_id, source_ids=deeds)
    known = [results[deed] for deed in deeds if deed in results]
    wallet = await session.get(Wallet, member_id, populate_existing=True)
    return CheckedIn(
        checkin=checkin,
        new=new,
        state=state,
        today=present_day_in(standing.community, now, state, standing.member.time_zone if standing.member else None),
        paid=tuple(paid for each in known for paid in each.paid),
        refused=tuple(refused for each in known for refused in each.refused),
        wallet=wallet,
        calendar=workdays,
        plans=tuple(answers),
    )
