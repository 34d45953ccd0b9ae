"""What becomes of locked activities, of one as of two hundred: each step is a few statements for all of them."""

from base64 import b32encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit_many
from chassis.database.bulk import among, insert_many
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID
from chassis.projections.members import LEFT_STATUSES
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityMoved,
    ActivityState,
    ActivityUpdated,
)
from services.events.activities import problems
from services.events.activities.models import Activity, Organiser
from services.events.activities.occasions import Turned, activities_turned
from services.events.activities.queries import statuses_of
from services.events.activities.rules import misfits
from services.events.activities.speaking import Speaking, speakers_of
from services.events.deeds.service import Aspect, deeds

TOLD: Final = frozenset(
    {"title", "mode", "tags", "starts_at", "ends_at", "time_zone", "location", "hours", "capacity", "organiser_ids"}
    | {"registration_opens_at", "registration_closes_at"}
)
"""What a change of is told to other services."""

MOVED: Final = frozenset(
    {"starts_at", "ends_at", "confirm_by", "time_zone", "registration_opens_at", "registration_closes_at"}
    | {"asked", "cancel_until", "moves", "version", "changed_at"}
)
"""What is written of those that are moved."""
SEATING: Final = frozenset({"capacity", "registration_closes_at", "seat_offers", "time_zone"})
"""What decides who gets a seat, and until when."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a locked activity is to have."""

    activity: Activity
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """When a locked activity takes place instead. `time_zone`: None for where it is now."""

    activity: Activity
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime | None = None
    time_zone: str | None = None


async def add(work: Work, activities: Sequence[Activity], *, names: Mapping[str, str] | None = None) -> None:
    """Write new activities. Raises `INVALID` where times do not fit together; `names` as in `problems.misfit`."""
    for one in activities:
        check_times(one.model_dump(), names)
    work.session.add_all(activities)
    await work.session.flush()
    await _write_organisers(work.session, activities)
    made = [(one, {"title": [None, one.title]}) for one in activities]
    await audit_many(work.session, work.caller, made, "create", work.now)


async def change(
    work: Work, wanted: Sequence[Change], *, names: Mapping[str, str] | None = None
) -> list[tuple[Activity, dict[str, list[Any]]]]:
    """Give activities other values, and tell what others know of; returns those that are changed, with what.

    Raises `INVALID` where times do not fit together; `names` as in `problems.misfit`.
    """
    found = [(one.activity, changed_by(one.values, one.activity)) for one in wanted]
    done = [(activity, changes) for activity, changes in found if changes]
    if not done:
        return []
    for activity, changes in done:
        values = {name: after for name, (_, after) in changes.items()}
        check_times(activity.model_dump() | values, names)
        activity.sqlmodel_update(values | revised(work, activity))
    alike([activity for activity, _ in done], {name for _, changes in done for name in changes})
    other_organisers = [activity for activity, changes in done if "organiser_ids" in changes]
    if other_organisers:
        of_these = among(work.session, col(Organiser.activity_id), [one.id for one in other_organisers])
        await work.session.execute(delete(Organiser).where(of_these))
        await _write_organisers(work.session, other_organisers)
    resized = [one for one, changes in done if one.status == "announced" and changes.keys() & SEATING]
    if resized:
        await activities_turned.happened(work.session, Turned(resized, work, "resized"))
    told = [(one, sorted(changes.keys() & TOLD)) for one, changes in done if one.status == "announced"]
    await _tell(work, ActivityUpdated, [(one, {"changed": tuple(fields)}) for one, fields in told if fields])
    trail = [(one, _without_texts(changes)) for one, changes in done]
    await audit_many(work.session, work.caller, trail, "update", work.now)
    return done


async def make_known(work: Work, activities: Sequence[Activity]) -> None:
    """Let members know of drafts: from now on they can register."""
    for one in activities:
        one.sqlmodel_update({"status": "announced", "announced_at": work.now} | revised(work, one))
        one.door = new_door()
    await activities_turned.happened(work.session, Turned(activities, work, "announced"))
    await _tell(work, ActivityAnnounced, [(one, {}) for one in activities])
    changes = {"status": ["draft", "announced"]}
    await audit_many(work.session, work.caller, [(one, changes) for one in activities], "announce", work.now)


async def put_at(work: Work, placed: Sequence[Placed], *, names: Mapping[str, str] | None = None) -> None:
    """Let announced activities take place at other times: who registered is asked whether they still come.

    What was so long before the start still is, unless it has passed. Raises `INVALID` where one would have started already, or times do
    not fit together; `names` as in `problems.misfit`.
    """
    before = {one.activity.id: (one.activity.starts_at, one.activity.ends_at) for one in placed}
    for one in placed:
        values = moved_to(one, work.now)
        check_times(one.activity.model_dump() | values, names)
        if one.starts_at <= work.now:
            raise INVALID(errors=[problems.in_the_past(names)])
        one.activity.sqlmodel_update(values | revised(work, one.activity))
        one.activity.moves += 1
        one.activity.asked += 1
    activities = [one.activity for one in placed]
    alike(activities, MOVED)
    await activities_turned.happened(work.session, Turned(activities, work, "moved"))
    await _tell(work, ActivityMoved, [(one, {"starts_at_before": before[one.id][0]}) for one in activities])
    trail = [
        (one, {"starts_at": [before[one.id][0], one.starts_at], "ends_at": [before[one.id][1], one.ends_at]})
        for one in activities
    ]
    await audit_many(work.session, work.caller, trail, "move", work.now)


def moved_to(placed: Placed, now: datetime) -> dict[str, Any]:
    """The values of an activity at another time."""
    activity = placed.activity
    by = placed.starts_at - activity.starts_at
    values: dict[str, Any] = {
        "starts_at": placed.starts_at,
        "ends_at": placed.ends_at,
        "confirm_by": placed.confirm_by,
        "time_zone": placed.time_zone or activity.time_zone,
    }
    for name in ("registration_opens_at", "registration_closes_at", "cancel_until"):
        moment = getattr(activity, name)
        values[name] = moment if moment is None or moment <= now else moment + by
    return values


async def call_off(work: Work, activities: Sequence[Activity], reason: str) -> None:
    """Let activities not take place: who registered loses the seat, and reads why."""
    before = {one.id: one.status for one in activities}
    for one in activities:
        one.sqlmodel_update({"status": "cancelled", "cancelled_at": work.now, "cancel_reason": reason})
        one.sqlmodel_update({"moves": one.moves + 1} | revised(work, one))
    known = [one for one in activities if before[one.id] == "announced"]
    if known:
        await activities_turned.happened(work.session, Turned(known, work, "cancelled"))
        await _tell(work, ActivityCancelled, [(one, {}) for one in known])
    trail = [(one, {"status": [before[one.id], "cancelled"]}) for one in activities]
    await audit_many(work.session, work.caller, trail, "cancel", work.now)


def revised(work: Work, activity: Activity) -> dict[str, Any]:
    """What notes that a locked activity is another now, for its ETag and for calendars."""
    return {"version": activity.version + 1, "changed_at": work.now}


def alike(rows: Sequence[SQLModel], names: Collection[str]) -> None:
    """Have all these fields of all these rows written, so that one statement does for rows in which different ones changed."""
    if len(rows) > 1:
        for row in rows:
            for name in names:
                flag_modified(row, name)


async def state_of(session: AsyncSession, activity: Activity) -> dict[str, Any]:
    """What its messages say of an activity."""
    return (await _states_of(session, [activity]))[activity.id]


async def _states_of(session: AsyncSession, activities: Sequence[Activity]) -> dict[UUID, dict[str, Any]]:
    speakers = await speakers_of(session, [one.id for one in activities])
    return {one.id: state_with(one, speakers[one.id]) for one in activities}


def state_with(activity: Activity, speakers: Sequence[Speaking] = ()) -> dict[str, Any]:
    """The same where it is known who speaks."""
    return {
        "community_id": activity.community_id,
        "activity_id": activity.id,
        "series_id": activity.series_id,
        "kind": activity.kind,
        "mode": activity.mode,
        "title": activity.title,
        "tags": tuple(activity.tags),
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "time_zone": activity.time_zone,
        "capacity": activity.capacity,
        "hours": activity.hours,
        "registration": {"opens_at": activity.registration_opens_at, "closes_at": activity.registration_closes_at},
        "organiser_ids": tuple(activity.organiser_ids),
        "speakers": tuple(
            {"person_id": one.person_id, "member_id": one.member_id, "name": one.name}
            for one in speakers
            if one.name is not None
        ),
    }


async def tell_updated(work: Work, activity: Activity, *changed: str) -> None:
    """Tell what changed of an announced activity."""
    await _tell(work, ActivityUpdated, [(activity, {"changed": changed})])


def check_times(values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> None:
    """Raise `INVALID` where times do not fit together."""
    wrong = [problems.misfit(name, code, names) for name, code in misfits(values)]
    if wrong:
        raise INVALID(errors=wrong)


async def require_organisers(session: AsyncSession, community_id: UUID, wanted: set[UUID]) -> None:
    """Raises `INVALID` where somebody is no member, or nobody is named."""
    if not wanted:
        raise INVALID(errors=[problems.NOBODY_RUNS_IT])
    statuses = await statuses_of(session, community_id, wanted)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in wanted):
        raise INVALID(errors=[problems.NO_MEMBER])


def sorted_ids(ids: Collection[UUID]) -> list[str]:
    """Ids as a row keeps them."""
    return sorted(map(str, ids))


def new_door() -> str:
    """Drawn at random: 30 bits in 6 letters and digits."""
    return b32encode(token_bytes(5)).decode()[:6]


_ASPECTS: Final[dict[type[ActivityState], Aspect]] = {
    ActivityAnnounced: "made",
    ActivityUpdated: "changed",
    ActivityMoved: "moved",
    ActivityCancelled: "ended",
}


async def _tell(work: Work, kind: type[ActivityState], of: Sequence[tuple[Activity, Mapping[str, Any]]]) -> None:
    if not of:
        return
    await work.session.flush()
    states = await _states_of(work.session, [one for one, _ in of])
    messages = [
        Outgoing(kind.model_validate(states[one.id] | dict(more)), one.bump(), occurred_at=work.now) for one, more in of
    ]
    await deeds.tell(work.session, _ASPECTS[kind], messages)


async def _write_organisers(session: AsyncSession, activities: Sequence[Activity]) -> None:
    rows = [{"activity_id": one.id, "member_id": UUID(key)} for one in activities for key in one.organiser_ids]
    await insert_many(session, Organiser.__table__, rows)  # type: ignore[attr-defined]


def _without_texts(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The trail does not repeat what is long, or opens a door."""
    return {
        name: values if name not in {"description", "join_url", "summary"} else ["…", "…"]
        for name, values in changes.items()
    }
