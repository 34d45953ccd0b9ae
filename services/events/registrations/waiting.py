"""Activities among a member's tasks and on their home."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Visit, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity
from services.events.activities.texts import STAND_IN, unless_held
from services.events.base import known
from services.events.registrations.models import Registration
from services.events.registrations.rules import TAKEN
from services.events.registrations.schemas import Upcoming
from services.events.registrations.seats import clock_of
from services.events.registrations.settling import UNCONFIRMED

_CONFIRM = {"en": "Say whether you still come: {title}", "zh-CN": "确认是否仍参加：{title}"}
_ACCEPT = {"en": "Take the seat that you are offered: {title}", "zh-CN": "确认候补名额：{title}"}
_MOST, _SHOWN = 100, 5


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
            col(Registration.offer_runs_from),
            col(Registration.offer_told_at),
            col(Activity.time_zone),
            col(Activity.registration_closes_at),
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


def _promised(row: Any, reader: Reader) -> datetime:
    ends_at: datetime = row.offer_ends_at
    clock = clock_of(row)
    last = min(row.starts_at, row.registration_closes_at or row.starts_at)
    return ends_at if clock is None else clock.promised(reader.now, time_zone=row.time_zone, last=last)


def _task(row: Any, reader: Reader) -> Task:
    if row.status == "offered":
        return task_about(row, reader, "accept_seat", _ACCEPT, "activity", "/v1/activities", _promised(row, reader))
    due_at = row.confirm_by or row.starts_at
    return task_about(row, reader, "confirm_registration", _CONFIRM, "activity", "/v1/activities", due_at)
