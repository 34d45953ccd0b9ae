"""What somebody's plans ask of them today: at home, and as tasks; and what waits for who reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, column, func, select
from sqlmodel import UTCDateTime, col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity, Visit, Waiting
from chassis.database.statements import Prepared, bindparam
from chassis.days import day_began_at, local_day
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.workdays import work_calendar
from chassis.work_calendar import WorkCalendar
from services.gamification.base import known
from services.gamification.checkins.queries import zone_for
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.progress_rules import HandedIn, day_states
from services.gamification.plans.queries import REVIEWED_WITHIN
from services.gamification.plans.rules import days_asked_for, days_needed, is_asked_for
from services.gamification.plans.schemas import HomePlan

_TODAY: Final = {"en": "Check in for “{title}”", "zh-CN": "今日打卡：{title}"}
_RETURNED: Final = {"en": "Hand in {day} again: {title}", "zh-CN": "重新提交 {day} 的打卡：{title}"}
_MOST: Final = 100
_MOST_COUNTED: Final = 1000
_ONE_DAY: Final = timedelta(days=1)

_members, _people, _communities = known.members.c, known.people.c, known.communities.c
_THERE = (_members.status.not_in(sorted(LEFT_STATUSES)), _communities.status != "archived")
_PLAN = ("id", "title", "starts_on", "ends_on", "days", "weekdays", "complete_at")
_RUNNING: Prepared[Any] = Prepared(
    select(
        *(col(getattr(CheckinPlan, name)) for name in _PLAN),
        col(PlanParticipant.member_id),
        col(PlanParticipant.days_done),
        col(PlanParticipant.completed_on),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
        _communities.time_zone.label("community_zone"),
        _communities.day_starts_at,
        _people.time_zone,
    )
    .select_from(PlanParticipant)
    .join(CheckinPlan, col(CheckinPlan.id) == col(PlanParticipant.plan_id))
    .join(known.members, _members.id == col(PlanParticipant.member_id))
    .join(known.people, _people.id == _members.person_id)
    .join(known.communities, _communities.id == _members.community_id)
    .where(
        *_THERE,
        _members.person_id == bindparam("person_id"),
        col(PlanParticipant.left_at).is_(None),
        col(CheckinPlan.cancelled_at).is_(None),
        col(CheckinPlan.starts_on) <= bindparam("latest"),
        col(CheckinPlan.ends_on) >= bindparam("earliest"),
    )
    .order_by(col(CheckinPlan.ends_on), col(CheckinPlan.id))
    .limit(_MOST)
)
_HANDED_IN: Prepared[Any] = Prepared(
    lambda on: select(
        col(PlanEntry.plan_id),
        col(PlanEntry.member_id),
        col(PlanEntry.day),
        col(PlanEntry.status),
        col(PlanEntry.removed),
    ).where(
        on.among(col(PlanEntry.plan_id), "plans"),
        on.among(col(PlanEntry.member_id), "members"),
        col(PlanEntry.day).between(bindparam("earliest"), bindparam("latest")),
    )
)


@dataclass(frozen=True, slots=True)
class Today:
    """A plan in which somebody takes part, and what it is for them on their present day."""

    row: Any
    day: date
    zone: str
    asked_for: bool
    handed_in: HandedIn | None


async def todays(session: AsyncSession, person_id: UUID, now: datetime) -> list[Today]:
    """The plans of a person that run on their present day, in all communities."""
    days = {"earliest": now.date() - _ONE_DAY, "latest": now.date() + _ONE_DAY}
    rows = await _RUNNING.all(session, person_id=person_id, **days)
    if not rows:
        return []
    plans, members = {row.id for row in rows}, {row.member_id for row in rows}
    found = await _HANDED_IN.all(session, plans=list(plans), members=list(members), **days)
    handed_in = {(one.plan_id, one.member_id, one.day): one for one in found}
    calendar = await work_calendar(session)
    return [one for row in rows if (one := _today(row, handed_in, calendar, now)) is not None]


def _today(row: Any, handed_in: dict[Any, Any], calendar: WorkCalendar, now: datetime) -> Today | None:
    zone = zone_for(row.time_zone, row.community_zone)
    day = local_day(now, time_zone=zone, day_starts_at=row.day_starts_at)
    if not row.starts_on <= day <= row.ends_on:
        return None
    there = handed_in.get((row.id, row.member_id, day))
    return Today(
        row=row,
        day=day,
        zone=zone,
        asked_for=is_asked_for(day, row.starts_on, row.ends_on, row.days, row.weekdays, is_workday=calendar.is_workday),
        handed_in=HandedIn(day, there.status, removed=there.removed) if there is not None else None,
    )


async def own_today(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The plans that ask for a check-in today which the caller has not handed in."""
    return [
        Task(
            code="check_in_for_plan",
            title=_TODAY[reader.locale].format(title=one.row.title),
            due_at=day_began_at(one.day + _ONE_DAY, time_zone=one.zone, day_starts_at=one.row.day_starts_at),
            community=TaskCommunity(id=one.row.community_id, name=one.row.community_name),
            href=f"/v1/checkin-plans/{one.row.id}",
            object=ObjectRef(kind="checkin_plan", id=one.row.id),
        )
        for one in await todays(session, reader.caller.id, reader.now)
        if one.asked_for and one.handed_in is None
    ]


_OPEN: Prepared[Any] = Prepared(
    select(
        col(PlanEntry.id),
        col(PlanEntry.day),
        col(PlanEntry.open_until),
        col(CheckinPlan.title),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .select_from(PlanEntry)
    .join(CheckinPlan, col(CheckinPlan.id) == col(PlanEntry.plan_id))
    .join(
        PlanParticipant,
        and_(
            col(PlanParticipant.plan_id) == col(PlanEntry.plan_id),
            col(PlanParticipant.member_id) == col(PlanEntry.member_id),
        ),
    )
    .join(known.members, _members.id == col(PlanEntry.member_id))
    .join(known.communities, _communities.id == _members.community_id)
    .where(
        *_THERE,
        _members.person_id == bindparam("person_id"),
        col(PlanParticipant.left_at).is_(None),
        col(CheckinPlan.cancelled_at).is_(None),
        col(PlanEntry.open_until) > bindparam("now"),
    )
    .order_by(col(PlanEntry.open_until), col(PlanEntry.id))
    .limit(_MOST)
)


async def own_returned(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The days that the caller may hand in again."""
    return [
        Task(
            code="hand_in_again",
            title=_RETURNED[reader.locale].format(title=row.title, day=row.day),
            due_at=row.open_until,
            community=TaskCommunity(id=row.community_id, name=row.community_name),
            href=f"/v1/checkin-plans/entries/{row.id}",
            object=ObjectRef(kind="plan_entry", id=row.id),
        )
        for row in await _OPEN.all(session, person_id=reader.caller.id, now=reader.now)
    ]


_TO_REVIEW: Prepared[Any] = Prepared(
    # The type says that it is an instant: SQLite keeps no zone.
    select(func.count(), func.min(column("submitted_at", UTCDateTime()))).select_from(
        select(col(PlanEntry.submitted_at))
        .join(CheckinPlan, col(CheckinPlan.id) == col(PlanEntry.plan_id))
        .where(
            col(PlanEntry.community_id) == bindparam("community_id"),
            col(PlanEntry.status) == "done",
            col(PlanEntry.removed).is_(False),
            col(PlanEntry.submitted_at) > bindparam("since"),
            col(CheckinPlan.requires) != "none",
            col(CheckinPlan.cancelled_at).is_(None),
        )
        .order_by(col(PlanEntry.submitted_at))
        .limit(_MOST_COUNTED)
        .subquery("waiting")
    )
)


async def to_review(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The days of the last two weeks, of plans that require evidence, that nobody has reviewed; counted to a thousand."""
    since = now - REVIEWED_WITHIN
    count, oldest_at = await _TO_REVIEW.one(session, community_id=community_id, since=since)
    href = f"/v1/checkin-plans?community_id={community_id}&to_review=true"
    return Waiting(count=count, oldest_at=oldest_at, href=href)


async def plans_at_home(session: AsyncSession, visit: Visit) -> list[HomePlan] | None:
    """The plans of a community in which its visitor takes part, as they stand today."""
    if visit.member is None:
        return None
    calendar = await work_calendar(session)
    return [
        HomePlan(
            plan_id=one.row.id,
            title=one.row.title,
            ends_on=one.row.ends_on,
            today=one.day,
            state=day_states([one.day], {one.day: one.handed_in} if one.handed_in else {}, today=one.day)[one.day]
            if one.asked_for
            else None,
            days_done=one.row.days_done,
            days_needed=days_needed(_length(one.row, calendar), one.row.complete_at),
            completed_on=one.row.completed_on,
        )
        for one in await todays(session, visit.caller.id, visit.now)
        if one.row.community_id == visit.community_id
    ]


def _length(row: Any, calendar: WorkCalendar) -> int:
    return len(days_asked_for(row.starts_on, row.ends_on, row.days, row.weekdays, is_workday=calendar.is_workday))
