"""Activities among a member's tasks and on their home, and what waits for those who run a community's activities."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Visit, Waiting, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity
from services.events.activities.texts import STAND_IN, unless_held
from services.events.base import known
from services.events.registrations.models import Registration
from services.events.registrations.rules import TAKEN
from services.events.registrations.schemas import Upcoming
from services.events.registrations.settling import UNCONFIRMED

_CONFIRM = {"en": "Say whether you still come: {title}", "zh-CN": "确认是否仍参加：{title}"}
_ACCEPT = {"en": "Take the seat that you are offered: {title}", "zh-CN": "确认候补名额：{title}"}
_MOST, _SHOWN = 100, 5
_SOON, _EXCUSABLE = timedelta(hours=3), timedelta(days=7)


def _own(*more: Any) -> Select[Any]:
    members, communities = known.members.c, known.communities.c
    return (
        select(
            col(Activity.id),
            unless_held(col(Activity.title), STAND_IN),
            col(Activity.starts_at),
            col(Activity.ends_at),
            col(Activity.confirm_by),
            col(Registration.status),
            col(Registration.offer_ends_at),
            communities.id.label("community_id"),
            communities.name.label("community_name"),
        )
        .select_from(Registration)
        .join(known.members, members.id == col(Registration.member_id))
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .join(known.communities, communities.id == col(Activity.community_id))
        .where(
            members.person_id == bindparam("person_id"),
            members.status.not_in(sorted(LEFT_STATUSES)),
            communities.status != "archived",
            col(Activity.status) == "announced",
            col(Activity.ends_at) > bindparam("now"),
            *more,
        )
        .order_by(col(Activity.starts_at), col(Activity.id))
    )


_SEATED = col(Registration.status).in_(sorted(TAKEN))
_TO_ANSWER: Prepared[Any] = Prepared(
    _own(
        or_(UNCONFIRMED, col(Registration.status) == "offered"),
        or_(_SEATED, col(Registration.offer_ends_at) > bindparam("now")),
    ).limit(_MOST)
)
_COMING: Prepared[Any] = Prepared(_own(col(Activity.community_id) == bindparam("community_id"), _SEATED).limit(_SHOWN))
_ASKED_FOR_LEAVE: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Registration.leave_asked_at))).where(
        col(Registration.community_id) == bindparam("community_id"),
        col(Activity.id) == col(Registration.activity_id),
        col(Activity.status) != "cancelled",
        col(Registration.status) == "assigned",
        col(Registration.leave_asked_at).is_not(None),
        col(Registration.leave_decided_at).is_(None),
    )
)


_OFFERS: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Registration.registered_at))).where(
        col(Registration.community_id) == bindparam("community_id"),
        col(Registration.status) == "offered",
        col(Registration.offer_ends_at).between(bindparam("now"), bindparam("soon")),
    )
)
_NO_SHOWS: Prepared[Any] = Prepared(
    select(func.coalesce(func.sum(col(Activity.no_shows)), 0), func.min(col(Activity.completed_at))).where(
        col(Activity.community_id) == bindparam("community_id"),
        col(Activity.status) == "completed",
        col(Activity.completed_at) > bindparam("since"),
        col(Activity.no_shows) > 0,
    )
)


async def to_answer(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The activities that were moved since the caller registered, and the seats that they are offered."""
    rows = await _TO_ANSWER.all(session, person_id=reader.caller.id, now=reader.now)
    return [_task(row, reader) for row in rows]


async def home(session: AsyncSession, visit: Visit) -> list[Upcoming] | None:
    """What a member has a seat for, the next first."""
    if visit.member is None:
        return None
    rows = await _COMING.all(session, person_id=visit.caller.id, now=visit.now, community_id=visit.community_id)
    return [Upcoming(id=row.id, title=row.title, starts_at=row.starts_at, ends_at=row.ends_at) for row in rows]


async def leave_to_decide(session: AsyncSession, community_id: UUID, _now: datetime) -> Waiting:
    """The members who asked for leave and wait for an answer."""
    count, oldest_at = await _ASKED_FOR_LEAVE.one(session, community_id=community_id)
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/activities?community_id={community_id}")


async def offers_running_out(session: AsyncSession, community_id: UUID, now: datetime) -> Waiting:
    """The members who are offered a seat and have three hours or less to take it."""
    count, oldest_at = await _OFFERS.one(session, community_id=community_id, now=now, soon=now + _SOON)
    href = f"/v1/activities?community_id={community_id}&status=announced"
    return Waiting(count=count, oldest_at=oldest_at, href=href)


async def no_shows(session: AsyncSession, community_id: UUID, now: datetime) -> Waiting:
    """Those who had a seat and did not come, for the week in which they may still say why."""
    count, oldest_at = await _NO_SHOWS.one(session, community_id=community_id, since=now - _EXCUSABLE)
    href = f"/v1/activities?community_id={community_id}&status=completed"
    return Waiting(count=count, oldest_at=oldest_at, href=href)


def _task(row: Any, reader: Reader) -> Task:
    if row.status == "offered":
        return task_about(row, reader, "accept_seat", _ACCEPT, "activity", "/v1/activities", row.offer_ends_at)
    due_at = row.confirm_by or row.starts_at
    return task_about(row, reader, "confirm_registration", _CONFIRM, "activity", "/v1/activities", due_at)
